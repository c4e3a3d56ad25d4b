import type Stripe from 'stripe';

/** What of a refund depends on its charge and on who asked for it. */
export interface NewRefund {
  readonly id: string;
  readonly amount: number;
  readonly charge: Stripe.Charge;
  readonly created: number;
  readonly metadata: Record<string, string>;
  readonly reason: Stripe.Refund.Reason | null;
}

/** A refund to a card, which succeeds at once (types of stripe 23, API 2026-10-28.endive). */
export function newRefund({ id, amount, charge, created, metadata, reason }: NewRefund): Stripe.Refund {
  return {
    id,
    object: 'refund',
    amount,
    balance_transaction: `txn_${id.slice('re_'.length)}`,
    charge: charge.id,
    created,
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}
