import { z } from 'zod';
import { newId, tenantId, type TenantId } from '../database/identifiers.ts';
import { transactionStatuses, type TransactionStatus } from '../database/models.ts';
import { cents, currency, type Cents, type Currency } from '../database/money.ts';
import { storableTime } from '../database/storable.ts';
import { referenceModel } from './models.ts';

/** From one time to another, which is not part of it. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** A payment as one of the two sides has it. */
export interface Payment {
  /** At the provider: our own reference, the payment intent or the session; looked for in this order. */
  readonly reference: string;
  readonly amount: Cents;
  readonly currency: Currency;
  readonly status: TransactionStatus;
}

export interface ReconciliationInput {
  /** Of the transactions' beginnings. */
  readonly period: Period;
  /** All that the provider has of the period. A payment that is there twice pairs once. */
  readonly provider: readonly Payment[];
  /** Of this tenant alone; of all where it is left out. */
  readonly tenantId?: TenantId | undefined;
  /**
   * `each` (the default) writes `payment_reconciled` of every transaction that was paid, is matched, and was not matched
   * before, to its events and to the audit log, entry by entry. `summary` leaves that out: for many thousands.
   */
  readonly trail?: 'each' | 'summary' | undefined;
}

export interface Mismatch {
  readonly provider: Payment;
  readonly database: Payment;
  readonly differs: readonly ('amount' | 'currency' | 'status')[];
}

/** Of what was paid, refunded later or not: whole amounts, before fees and refunds. */
export interface CurrencyTotal {
  readonly currency: Currency;
  readonly provider: Cents;
  readonly database: Cents;
  /** Provider minus database, so negative where the provider has less. */
  readonly discrepancy: number;
}

/** What is kept of a reconciliation. */
export interface ReconciliationRecord {
  readonly id: string;
  readonly tenantId: TenantId | null;
  readonly period: Period;
  readonly matched: number;
  readonly unmatchedProvider: number;
  readonly unmatchedDatabase: number;
  readonly mismatched: number;
  readonly totals: readonly CurrencyTotal[];
  /** `balanced` where both sides have the same payments, and every one alike. */
  readonly status: 'balanced' | 'discrepant';
  readonly createdAt: Date;
}

/** What a reconciliation found. */
export interface Reconciliation extends Omit<
  ReconciliationRecord,
  'unmatchedProvider' | 'unmatchedDatabase' | 'mismatched'
> {
  /** In the provider's order. */
  readonly unmatchedProvider: readonly Payment[];
  /** By reference, as the next. */
  readonly unmatchedDatabase: readonly Payment[];
  readonly mismatched: readonly Mismatch[];
}

/** With its defaults. */
export interface CheckedReconciliation {
  readonly period: Period;
  readonly provider: readonly Payment[];
  readonly tenantId: TenantId | null;
  readonly trail: 'each' | 'summary';
}

const payment: z.ZodType<Payment> = z.strictObject({
  reference: referenceModel,
  amount: cents,
  currency,
  status: z.enum(transactionStatuses),
});

const period: z.ZodType<Period> = z
  .strictObject({ from: storableTime, to: storableTime })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'expected a time after the beginning of the period' });

export const reconciliationInputModel: z.ZodType<CheckedReconciliation> = z.strictObject({
  period,
  provider: z
    .array(payment)
    .refine(
      (payments) => payments.reduce((sum, { amount }) => sum + amount, 0) <= Number.MAX_SAFE_INTEGER,
      'expected amounts whose sum a number can hold exactly',
    ),
  tenantId: tenantId.nullable().default(null),
  trail: z.enum(['each', 'summary']).default('each'),
});

/** Integer cents have nothing to round; those who count in other units may be out by one. */
const tolerance = 1;

const total: z.ZodType<CurrencyTotal> = z
  .strictObject({ currency, provider: cents, database: cents, discrepancy: z.int() })
  .refine((sums) => Math.abs(sums.discrepancy - (sums.provider - sums.database)) <= tolerance, {
    path: ['discrepancy'],
    error: "expected the provider's total minus the database's",
  });

const count = z.int().nonnegative();

export const reconciliationRecordModel: z.ZodType<ReconciliationRecord> = z
  .strictObject({
    id: z.uuid().default(() => newId()),
    tenantId: tenantId.nullable().default(null),
    period,
    matched: count.default(0),
    unmatchedProvider: count.default(0),
    unmatchedDatabase: count.default(0),
    mismatched: count.default(0),
    totals: z.array(total).default([]),
    createdAt: storableTime.default(() => new Date()),
  })
  .transform((record) => ({
    ...record,
    status:
      record.unmatchedProvider + record.unmatchedDatabase + record.mismatched === 0
        ? ('balanced' as const)
        : ('discrepant' as const),
  }));

/** What the one statement in match.ts gives. */
export interface Matches extends Pick<
  Reconciliation,
  'matched' | 'unmatchedProvider' | 'unmatchedDatabase' | 'mismatched' | 'totals'
> {
  /** Of the transactions that are matched, paid, and not reconciled before. */
  readonly reconciled: readonly string[];
}

export const matchesModel: z.ZodType<Matches> = z.strictObject({
  matched: count,
  unmatchedProvider: z.array(payment),
  unmatchedDatabase: z.array(payment),
  mismatched: z.array(
    z.strictObject({
      provider: payment,
      database: payment,
      differs: z.array(z.enum(['amount', 'currency', 'status'])),
    }),
  ),
  totals: z.array(total),
  reconciled: z.array(referenceModel),
});
