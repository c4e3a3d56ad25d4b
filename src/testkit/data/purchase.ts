import { z } from 'zod';
import type { EventId, TenantId } from '../../services/database/identifiers.ts';
import {
  eventModel,
  registrationModel,
  tenantModel,
  ticketModel,
  transactionModel,
  type PaymentTransaction,
  type Registration,
  type Tenant,
  type Ticket,
  type TicketedEvent,
} from '../../services/database/models.ts';
import type { Cents } from '../../services/database/money.ts';
import { valid } from '../../services/input.ts';
import type { Factories } from './factories.ts';
import type { MadeRows } from './made.ts';
import type { Records, Table } from './tables.ts';

/** Fields for each record of several: the same for all, or by its number, from 0. */
export type Each<Model> = Partial<Model> | ((index: number) => Partial<Model>);

/** What is said of a purchase; whatever is left out is made up. */
export interface PurchaseOptions {
  /** How many, each with its registration. One, where nothing is said; none where the payment is not completed. */
  readonly tickets?: number;
  /** A tenant that exists, in place of a new one. */
  readonly tenantId?: TenantId;
  /** An event that exists, in place of a new one. */
  readonly eventId?: EventId;
  /** Of the tenant that is made. */
  readonly tenant?: Partial<Tenant>;
  /** Of the event that is made. */
  readonly event?: Partial<TicketedEvent>;
  /** The amount is the sum of the tickets' prices, unless it is given here. */
  readonly transaction?: Partial<PaymentTransaction>;
  readonly ticket?: Each<Ticket>;
  readonly registration?: Each<Registration>;
  /** Whether the trail of a completed payment goes as far as its reconciliation, which it does where nothing is said. */
  readonly reconciled?: boolean;
}

/** A purchase with everything that hangs on it. */
export interface PurchaseGraph {
  readonly tenant: Tenant;
  readonly event: TicketedEvent;
  readonly transaction: PaymentTransaction;
  readonly tickets: readonly Ticket[];
  readonly registrations: readonly Registration[];
}

/** What a purchase is to hang on that exists already. */
export type Existing = Partial<Pick<PurchaseGraph, 'tenant' | 'event'>>;

const ticketCount = z.object({ tickets: z.int().nonnegative().max(100_000) });

/**
 * A purchase as its models have it. Nothing is written.
 *
 * @throws MayflyError `MAYFLY_INPUT_INVALID` for a field that its model does not allow.
 */
export function buildPurchase(make: Factories, options: PurchaseOptions, existing: Existing): PurchaseGraph {
  const { status = 'completed' } = options.transaction ?? {};
  const isPaid = status === 'completed' || status === 'refunded';
  const { tickets: count } = valid(ticketCount, { tickets: options.tickets ?? (isPaid ? 1 : 0) }, 'testkit');

  const tenant = existing.tenant ?? checked(tenantModel, make.tenant.build(options.tenant));
  const event = existing.event ?? eventFor(count, make, { tenantId: tenant.id, ...options.event });
  const { id: transactionId } = make.transaction.build(options.transaction);
  const tickets = Array.from({ length: count }, (_, index) =>
    checked(
      ticketModel,
      make.ticket.build({
        eventId: event.id,
        transactionId,
        status: status === 'completed' ? 'issued' : 'cancelled',
        ...fieldsOf(options.ticket, index),
      }),
    ),
  );
  const amount = tickets.reduce((sum, { price }) => sum + price, 0) as Cents;
  const transaction = checked(
    transactionModel,
    make.transaction.build({
      id: transactionId,
      tenantId: tenant.id,
      ...(count > 0 && { amount }),
      ...options.transaction,
    }),
  );
  const registrations = tickets.map(({ id }, index) =>
    checked(registrationModel, make.registration.build({ ticketId: id, ...fieldsOf(options.registration, index) })),
  );
  return { tenant, event, transaction, tickets, registrations };
}

/** An event that has room for so many. */
function eventFor(count: number, make: Factories, fields: Partial<TicketedEvent>): TicketedEvent {
  const event = make.event.build(fields);
  const room = fields.capacity === undefined ? { capacity: Math.max(event.capacity, count) } : {};
  return checked(eventModel, { ...event, ...room });
}

/** Rows that are to be written, by table, in the order in which they refer to each other. */
export type PurchaseRows = { readonly [Name in Table]: readonly Records[Name][] };

/** The rows of a purchase that are not there yet. */
export function rowsOf(graph: PurchaseGraph, existing: Existing): PurchaseRows {
  return {
    tenants: existing.tenant === undefined ? [graph.tenant] : [],
    events: existing.event === undefined ? [graph.event] : [],
    transactions: [graph.transaction],
    tickets: graph.tickets,
    registrations: graph.registrations,
  };
}

/** The same, as what was made. */
export function madeOf(rows: PurchaseRows): readonly MadeRows[] {
  const named = Object.entries(rows) as [Table, readonly { readonly id: string }[]][];
  return named.map(([table, records]) => ({ table, ids: records.map(({ id }) => id) }));
}

function fieldsOf<Model>(each: Each<Model> | undefined, index: number): Partial<Model> {
  return typeof each === 'function' ? each(index) : (each ?? {});
}

function checked<Model>(model: z.ZodType<Model>, record: unknown): Model {
  return valid(model, record, 'testkit');
}
