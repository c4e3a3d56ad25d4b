import { audit, database, type AuditLog, type Queryable } from 'mayfly/services';
import { testkit } from 'mayfly/testkit/data';
import type { PurchaseGraph } from 'mayfly/testkit/data';
import { timeOf } from '../measure.ts';
import type { Row } from '../row.ts';

/** What is over in a moment is measured this often in each round. */
const times = 20;

/**
 * A purchase of three tickets with everything that hangs on it: 9 rows and 10 entries of the audit log. The peer writes the
 * same data, which it is given, in one transaction too.
 */
export const purchase: Row = {
  id: 'purchase',
  work: 'embedded: a purchase of three tickets by the factory, with its audit trail',
  prepare: async (bench) => {
    const environment = await bench.environment({ redis: false, services: [database, audit] }, 'embedded');
    const { services } = await environment.lease();
    const make = testkit(services);
    return {
      times,
      mayfly: () => timeOf(() => make.purchase({ tickets: 3 })),
      peers: [
        {
          name: 'the same by hand: an `INSERT` for each row, and the same entries',
          measure: async () => {
            const { cleanup, ...graph } = await make.purchase({ tickets: 3 });
            await cleanup();
            return timeOf(() =>
              services.database.transaction((tx) => writeByHand(tx, services.audit.within(tx), graph)),
            );
          },
        },
      ],
    };
  },
};

async function writeByHand(tx: Queryable, log: AuditLog, graph: PurchaseGraph): Promise<void> {
  const { tenant, event, transaction, tickets, registrations } = graph;
  const insert = async (table: string, columns: string, values: readonly unknown[]): Promise<void> => {
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    await tx.query(`INSERT INTO ${table} (${columns}) VALUES (${places})`, values);
  };
  await insert('tenants', 'id, slug, name', [tenant.id, tenant.slug, tenant.name]);
  await insert('events', 'id, tenant_id, name, starts_at, capacity', [
    event.id,
    tenant.id,
    event.name,
    event.startsAt,
    event.capacity,
  ]);
  const { id, reference, stripeSession, paymentIntent, amount, fees, refunded, currency, subjectId } = transaction;
  await insert(
    'transactions',
    'id, tenant_id, reference, stripe_session, payment_intent, amount, fees, refunded, currency, status, subject_id, email',
    [
      id,
      tenant.id,
      reference,
      stripeSession,
      paymentIntent,
      amount,
      fees,
      refunded,
      currency,
      'completed',
      subjectId,
      null,
    ],
  );
  for (const ticket of tickets) {
    const { number, price } = ticket;
    await insert('tickets', 'id, event_id, transaction_id, number, price', [ticket.id, event.id, id, number, price]);
  }
  for (const guest of registrations) {
    const { ticketId, name, email, dietaryRestrictions: diet } = guest;
    await insert('registrations', 'id, ticket_id, subject_id, name, email, dietary_restrictions', [
      guest.id,
      ticketId,
      guest.subjectId,
      name,
      email,
      diet,
    ]);
  }
  const payment = ['payment_session_created', 'payment_authorized', 'payment_captured', 'payment_reconciled'];
  for (const action of payment) {
    await log.record({ type: 'payment', action, reference, data: { amount, currency } });
  }
  for (const ticket of tickets) {
    await log.record({ type: 'ticket', action: 'ticket_created', reference, data: { ticket: ticket.number } });
    await log.record({ type: 'registration', action: 'registration_completed', reference });
  }
}
