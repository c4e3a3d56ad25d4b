import type { PaymentTransaction, TransactionStatus } from '../database/models.ts';
import type { Movement } from './movement.ts';

/** What is done about a movement, given the payment as it is. */
export type Decision =
  /** Through these states, one after the other: none where the payment is there already, or further on. */
  | { readonly does: 'advance'; readonly through: readonly AdvanceTo[] }
  /** It is too early: something that Stripe has said, or will say, comes first. */
  | { readonly does: 'wait'; readonly reason: string }
  /** It contradicts what is known. No later event changes that, so a person must look at it. */
  | { readonly does: 'refuse'; readonly reason: string };

export type AdvanceTo = Exclude<TransactionStatus, 'pending'>;

const nothing: Decision = { does: 'advance', through: [] };

/**
 * Stripe delivers in no particular order, so nothing is concluded from the order: a movement only ever goes forward.
 * Whatever lies between is passed through, which leaves a trail without gaps, and what comes late does nothing. Only a
 * refund of what has not been paid yet must wait.
 */
export function decide(payment: PaymentTransaction, movement: Movement): Decision {
  return contradiction(payment, movement) ?? onward(payment, movement);
}

function onward(payment: PaymentTransaction, { to, amount }: Movement): Decision {
  const { status } = payment;
  switch (to) {
    case 'linked':
    case 'attempt_failed':
      return nothing;
    case 'authorized':
      // One that failed was authorised before it did: the news is late.
      return status === 'pending' ? { does: 'advance', through: ['authorized'] } : nothing;
    case 'completed':
      return toCompleted[status];
    case 'failed':
      return toFailed[status];
    case 'refunded':
      if (status === 'pending' || status === 'authorized') {
        return { does: 'wait', reason: `the payment is ${status}, and only one that is completed can be refunded` };
      }
      if (status === 'failed') {
        return refuse('a payment that failed cannot be refunded');
      }
      // Stripe says how much was refunded in all, so of two that cross the larger one is the later.
      return (amount ?? 0) > payment.refunded ? { does: 'advance', through: ['refunded'] } : nothing;
  }
}

const toCompleted: Record<TransactionStatus, Decision> = {
  pending: { does: 'advance', through: ['authorized', 'completed'] },
  authorized: { does: 'advance', through: ['completed'] },
  completed: nothing,
  refunded: nothing,
  failed: { does: 'refuse', reason: 'a payment that failed cannot be completed' },
};

const toFailed: Record<TransactionStatus, Decision> = {
  pending: { does: 'advance', through: ['failed'] },
  authorized: { does: 'advance', through: ['failed'] },
  failed: nothing,
  completed: { does: 'refuse', reason: 'a payment that was completed cannot fail' },
  refunded: { does: 'refuse', reason: 'a payment that was refunded cannot fail' },
};

function contradiction(payment: PaymentTransaction, movement: Movement): Decision | undefined {
  const { to, amount, currency } = movement;
  if (movement.session !== null && payment.stripeSession !== null && movement.session !== payment.stripeSession) {
    return refuse('the payment belongs to another checkout session');
  }
  if (
    movement.paymentIntent !== null &&
    payment.paymentIntent !== null &&
    movement.paymentIntent !== payment.paymentIntent
  ) {
    return refuse('the payment has another payment intent');
  }
  if (currency !== null && currency !== payment.currency) {
    return refuse(`the payment is in ${payment.currency}, and the event in ${currency}`);
  }
  if (amount !== null && (to === 'refunded' ? amount > payment.amount : amount !== payment.amount)) {
    return refuse(`the payment is over ${payment.amount} cents, and the event over ${amount}`);
  }
  return undefined;
}

function refuse(reason: string): Decision {
  return { does: 'refuse', reason };
}
