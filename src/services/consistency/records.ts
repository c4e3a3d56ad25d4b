/** What must hold of the records. The statement finds those of which it does not: the name of each, by which people find it. */
export interface RecordRule {
  readonly rule: string;
  readonly broken: string;
}

/** Foreign keys hold most of it already, unless somebody wrote past them: session_replication_role, or a restored dump. */
export const recordRules: readonly RecordRule[] = [
  {
    rule: 'a ticket has an event and a transaction',
    broken: `SELECT t.number AS name FROM tickets t
      LEFT JOIN events e ON e.id = t.event_id LEFT JOIN transactions x ON x.id = t.transaction_id
      WHERE e.id IS NULL OR x.id IS NULL`,
  },
  {
    rule: 'a registration has a ticket',
    broken: `SELECT r.id::text AS name FROM registrations r LEFT JOIN tickets t ON t.id = r.ticket_id WHERE t.id IS NULL`,
  },
  {
    rule: "a ticket's event is of the tenant that was paid",
    broken: `SELECT t.number AS name FROM tickets t
      JOIN events e ON e.id = t.event_id JOIN transactions x ON x.id = t.transaction_id
      WHERE e.tenant_id <> x.tenant_id`,
  },
  {
    rule: 'a ticket that admits somebody was paid',
    broken: `SELECT t.number AS name FROM tickets t JOIN transactions x ON x.id = t.transaction_id
      WHERE t.status <> 'cancelled' AND x.status <> 'completed'`,
  },
  {
    rule: "a transaction's amount is the sum of its tickets' prices",
    broken: `SELECT x.reference AS name FROM transactions x JOIN tickets t ON t.transaction_id = x.id
      GROUP BY x.id HAVING sum(t.price) <> x.amount`,
  },
  {
    rule: 'a payment that is completed has tickets',
    broken: `SELECT x.reference AS name FROM transactions x
      WHERE x.status = 'completed' AND NOT EXISTS (SELECT FROM tickets t WHERE t.transaction_id = x.id)`,
  },
  {
    rule: 'an event has no more tickets than room',
    broken: `SELECT e.name FROM events e JOIN tickets t ON t.event_id = e.id
      WHERE t.status <> 'cancelled' GROUP BY e.id HAVING count(*) > e.capacity`,
  },
];
