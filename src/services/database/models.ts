import { z } from 'zod';
import {
  eventId,
  registrationId,
  subjectId,
  tenantId,
  tenantSlug,
  ticketId,
  transactionId,
  type EventId,
  type RegistrationId,
  type SubjectId,
  type TenantId,
  type TenantSlug,
  type TicketId,
  type TransactionId,
} from './identifiers.ts';
import { cents, currency, storedCents, type Cents, type Currency } from './money.ts';

/** Whose customers are whose: tenants share the tables, and see only their own rows. */
export interface Tenant {
  readonly id: TenantId;
  readonly slug: TenantSlug;
  readonly name: string;
}

/** What tickets are for. */
export interface TicketedEvent {
  readonly id: EventId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly startsAt: Date;
  readonly capacity: number;
}

export const transactionStatuses = ['pending', 'authorized', 'completed', 'failed', 'refunded'] as const;
export type TransactionStatus = (typeof transactionStatuses)[number];

/** A payment, from its beginning on. It has a Stripe session or a payment intent, or both. */
export interface PaymentTransaction {
  readonly id: TransactionId;
  readonly tenantId: TenantId;
  /** By which people and other systems know it. */
  readonly reference: string;
  readonly stripeSession: string | null;
  readonly paymentIntent: string | null;
  readonly amount: Cents;
  readonly fees: Cents;
  readonly refunded: Cents;
  readonly currency: Currency;
  readonly status: TransactionStatus;
  readonly subjectId: SubjectId | null;
  readonly email: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

export const ticketStatuses = ['issued', 'validated', 'cancelled'] as const;

export interface Ticket {
  readonly id: TicketId;
  readonly eventId: EventId;
  readonly transactionId: TransactionId;
  readonly number: string;
  readonly status: (typeof ticketStatuses)[number];
  readonly price: Cents;
}

/** Who comes with a ticket. */
export interface Registration {
  readonly id: RegistrationId;
  readonly ticketId: TicketId;
  readonly subjectId: SubjectId | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly dietaryRestrictions: string | null;
  readonly registeredAt: Date;
}

export const tenantModel: z.ZodType<Tenant> = z.object({ id: tenantId, slug: tenantSlug, name: z.string().min(1) });

export const eventModel: z.ZodType<TicketedEvent> = z.object({
  id: eventId,
  tenantId,
  name: z.string().min(1),
  startsAt: z.date(),
  capacity: z.int().positive(),
});

/** From this program, or from the database, where amounts are text. */
const amount: z.ZodType<Cents> = z.union([cents, storedCents]);

export const transactionModel: z.ZodType<PaymentTransaction> = z.object({
  id: transactionId,
  tenantId,
  reference: z.string().min(1),
  stripeSession: z.string().nullable(),
  paymentIntent: z.string().nullable(),
  amount,
  fees: amount,
  refunded: amount,
  currency,
  status: z.enum(transactionStatuses),
  subjectId: subjectId.nullable(),
  email: z.email().nullable(),
  createdAt: z.date(),
  completedAt: z.date().nullable(),
});

export const ticketModel: z.ZodType<Ticket> = z.object({
  id: ticketId,
  eventId,
  transactionId,
  number: z.string().min(1),
  status: z.enum(ticketStatuses),
  price: amount,
});

export const registrationModel: z.ZodType<Registration> = z.object({
  id: registrationId,
  ticketId,
  subjectId: subjectId.nullable(),
  name: z.string().nullable(),
  email: z.email().nullable(),
  dietaryRestrictions: z.string().nullable(),
  registeredAt: z.date(),
});

/** What is selected of each table, in the models' names. */
export const columns = {
  tenants: 'id, slug, name',
  events: 'id, tenant_id AS "tenantId", name, starts_at AS "startsAt", capacity',
  transactions: `id, tenant_id AS "tenantId", reference, stripe_session AS "stripeSession",
    payment_intent AS "paymentIntent", amount, fees, refunded, currency, status, subject_id AS "subjectId", email,
    created_at AS "createdAt", completed_at AS "completedAt"`,
  tickets: 'id, event_id AS "eventId", transaction_id AS "transactionId", number, status, price',
  registrations: `id, ticket_id AS "ticketId", subject_id AS "subjectId", name, email,
    dietary_restrictions AS "dietaryRestrictions", registered_at AS "registeredAt"`,
} as const;
