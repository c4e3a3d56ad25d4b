import { z } from 'zod';
import { textOfNobody } from '../audit/personal-data.ts';
import {
  newId,
  subjectId,
  tenantId,
  transactionId,
  type SubjectId,
  type TenantId,
  type TransactionId,
} from '../database/identifiers.ts';
import { transactionStatuses, type TransactionStatus } from '../database/models.ts';
import { cents, currency, storedCents, type Cents, type Currency } from '../database/money.ts';
import { storableText, storableTime } from '../database/storable.ts';

/** By which a transaction, an event or a payment at the provider is known: 1 to 255 characters. */
export const referenceModel: z.ZodType<string> = storableText(255);

/** A payment that begins. Without a reference it gets one, without a currency it is in euro. */
export interface TransactionInput {
  readonly id?: TransactionId | undefined;
  readonly tenantId: TenantId;
  readonly reference?: string | undefined;
  /** This, or the payment intent, or both. */
  readonly stripeSession?: string | null | undefined;
  readonly paymentIntent?: string | null | undefined;
  readonly amount: Cents;
  /** What the provider keeps of the amount; nothing where it is left out. */
  readonly fees?: Cents | undefined;
  readonly currency?: Currency | undefined;
  readonly subjectId?: SubjectId | null | undefined;
  readonly email?: string | null | undefined;
  readonly createdAt?: Date | undefined;
}

/** The same with its defaults. */
export interface NewTransaction {
  readonly id: TransactionId;
  readonly tenantId: TenantId;
  readonly reference: string;
  readonly stripeSession: string | null;
  readonly paymentIntent: string | null;
  readonly amount: Cents;
  readonly fees: Cents;
  readonly currency: Currency;
  readonly subjectId: SubjectId | null;
  readonly email: string | null;
  readonly createdAt: Date;
}

export const newTransactionModel: z.ZodType<NewTransaction> = z
  .strictObject({
    id: transactionId.default(() => newId<TransactionId>()),
    tenantId,
    // It goes into the audit log, of which nothing can be erased.
    reference: textOfNobody(255).default(() => `txn_${newId()}`),
    stripeSession: referenceModel.nullable().default(null),
    paymentIntent: referenceModel.nullable().default(null),
    amount: cents,
    fees: cents.default(0 as Cents),
    currency: currency.default('EUR' as Currency),
    subjectId: subjectId.nullable().default(null),
    email: z.email().nullable().default(null),
    createdAt: storableTime.default(() => new Date()),
  })
  .refine(({ stripeSession, paymentIntent }) => stripeSession !== null || paymentIntent !== null, {
    path: ['stripeSession'],
    error: 'expected a Stripe session or a payment intent',
  })
  .refine(({ amount, fees }) => fees <= amount, { path: ['fees'], error: 'expected no more than the amount' });

/** What moves a transaction. */
export interface AdvanceOptions {
  /** When it happened; now where it is left out. */
  readonly at?: Date | undefined;
  /** Of the sender: the same one moves a transaction once. */
  readonly eventId?: string | undefined;
  /** Of a refund, what is given back: all that is left where it is missing. Otherwise it must be the transaction's own. */
  readonly amount?: Cents | undefined;
}

/** A step of a transaction, with its defaults. */
export interface Step {
  readonly reference: string;
  readonly to: TransactionStatus;
  readonly at: Date;
  readonly eventId: string | null;
  readonly amount: Cents | null;
}

export const stepModel: z.ZodType<Step> = z
  .strictObject({
    reference: referenceModel,
    to: z.enum(transactionStatuses),
    at: storableTime.default(() => new Date()),
    eventId: referenceModel.nullable().default(null),
    amount: cents.nullable().default(null),
  })
  .refine(({ to, amount }) => to !== 'refunded' || amount !== 0, {
    path: ['amount'],
    error: 'expected at least one cent to refund',
  });

/** What happened to a transaction. */
export interface FinancialEvent {
  readonly id: string;
  /** Of the transaction. */
  readonly reference: string;
  readonly action: string;
  /** By which the sender knows it, where there is one. */
  readonly eventId: string | null;
  /** `null` where the transaction began. */
  readonly before: TransactionStatus | null;
  readonly after: TransactionStatus;
  /** What was moved: of a refund the part that was given back. */
  readonly amount: Cents;
  readonly at: Date;
}

/** From this program with the defaults filled in, or from the database. */
export const financialEventModel: z.ZodType<FinancialEvent> = z.strictObject({
  id: z.uuid().default(() => newId()),
  reference: referenceModel,
  action: storableText(100),
  eventId: referenceModel.nullable().default(null),
  before: z.enum(transactionStatuses).nullable().default(null),
  after: z.enum(transactionStatuses),
  amount: z.union([cents, storedCents]),
  at: storableTime.default(() => new Date()),
});

export const eventColumns = `id, reference, action, event_id AS "eventId", status_before AS before,
  status_after AS after, amount, at`;
