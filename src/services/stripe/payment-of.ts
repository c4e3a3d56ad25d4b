import type { TenantId } from '../database/identifiers.ts';
import { columns, transactionModel, type PaymentTransaction } from '../database/models.ts';
import type { Queryable } from '../database/queryable.ts';
import type { PaymentKeys } from './inbox.ts';

/** The payment that goes by some names. */
export interface KnownPayment {
  readonly payment: PaymentTransaction;
  /** Whether another payment goes by one of the names as well, so that nobody can say which one is meant. */
  readonly isAmbiguous: boolean;
}

/**
 * The payment that goes by one of these names, locked until the end of the transaction. With a tenant, the payments of
 * others are as good as unknown.
 */
export async function paymentOf(
  db: Queryable,
  keys: PaymentKeys,
  tenant: TenantId | null,
): Promise<KnownPayment | undefined> {
  const payments = await db.select(
    transactionModel,
    `SELECT ${columns.transactions} FROM transactions
     WHERE payment_intent = $1 OR stripe_session = $2 OR reference = $3
     ORDER BY payment_intent = $1 DESC NULLS LAST, stripe_session = $2 DESC NULLS LAST FOR UPDATE`,
    [keys.paymentIntent, keys.session, keys.reference],
  );
  const payment = payments.find(({ tenantId }) => tenant === null || tenantId === tenant);
  return payment === undefined ? undefined : { payment, isAmbiguous: payments.length > 1 };
}

/** Writes down under which names Stripe knows a payment, where that was not known. */
export async function link(db: Queryable, payment: PaymentTransaction, keys: PaymentKeys): Promise<PaymentKeys> {
  const session = payment.stripeSession ?? keys.session;
  const paymentIntent = payment.paymentIntent ?? keys.paymentIntent;
  if (session !== payment.stripeSession || paymentIntent !== payment.paymentIntent) {
    await db.query('UPDATE transactions SET stripe_session = $2, payment_intent = $3 WHERE id = $1', [
      payment.id,
      session,
      paymentIntent,
    ]);
  }
  return { session, paymentIntent, reference: payment.reference };
}
