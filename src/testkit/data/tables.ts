import type {
  PaymentTransaction,
  Registration,
  Tenant,
  Ticket,
  TicketedEvent,
} from '../../services/database/models.ts';
import type { Queryable } from '../../services/database/queryable.ts';
import { refusal } from './refusal.ts';

/** The records that the factories write, by the table that they are written to. */
export interface Records {
  readonly tenants: Tenant;
  readonly events: TicketedEvent;
  readonly transactions: PaymentTransaction;
  readonly tickets: Ticket;
  readonly registrations: Registration;
}

export type Table = keyof Records;

/** Field, column and type: the statement takes each column as one array, so that it is the same for any number of rows. */
const fields: { readonly [Name in Table]: Readonly<Record<keyof Records[Name], readonly [string, string]>> } = {
  tenants: { id: ['id', 'uuid'], slug: ['slug', 'text'], name: ['name', 'text'] },
  events: {
    id: ['id', 'uuid'],
    tenantId: ['tenant_id', 'uuid'],
    name: ['name', 'text'],
    startsAt: ['starts_at', 'timestamptz'],
    capacity: ['capacity', 'int'],
  },
  transactions: {
    id: ['id', 'uuid'],
    tenantId: ['tenant_id', 'uuid'],
    reference: ['reference', 'text'],
    stripeSession: ['stripe_session', 'text'],
    paymentIntent: ['payment_intent', 'text'],
    amount: ['amount', 'bigint'],
    fees: ['fees', 'bigint'],
    refunded: ['refunded', 'bigint'],
    currency: ['currency', 'text'],
    status: ['status', 'text'],
    subjectId: ['subject_id', 'uuid'],
    email: ['email', 'text'],
    createdAt: ['created_at', 'timestamptz'],
    completedAt: ['completed_at', 'timestamptz'],
  },
  tickets: {
    id: ['id', 'uuid'],
    eventId: ['event_id', 'uuid'],
    transactionId: ['transaction_id', 'uuid'],
    number: ['number', 'text'],
    status: ['status', 'text'],
    price: ['price', 'bigint'],
  },
  registrations: {
    id: ['id', 'uuid'],
    ticketId: ['ticket_id', 'uuid'],
    subjectId: ['subject_id', 'uuid'],
    name: ['name', 'text'],
    email: ['email', 'text'],
    dietaryRestrictions: ['dietary_restrictions', 'text'],
    registeredAt: ['registered_at', 'timestamptz'],
  },
};

/**
 * Writes any number of rows by one statement.
 *
 * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND`, `MAYFLY_STATE_REFUSED` or `MAYFLY_INPUT_INVALID` for what the database
 *   refuses: a reference to nothing, what is there already, what no column can hold.
 */
export async function insert<Name extends Table>(
  db: Queryable,
  table: Name,
  rows: readonly Records[Name][],
): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  const described = Object.entries(fields[table]) as [keyof Records[Name], readonly [string, string]][];
  const columns = described.map(([, [column]]) => column).join(', ');
  const arrays = described.map(([, [, type]], index) => `$${index + 1}::${type}[]`).join(', ');
  try {
    await db.query(
      `INSERT INTO ${table} (${columns}) SELECT * FROM unnest(${arrays})`,
      described.map(([field]) => rows.map((row) => row[field])),
    );
  } catch (error) {
    throw refusal(error);
  }
}
