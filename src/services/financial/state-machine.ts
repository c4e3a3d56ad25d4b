import { MayflyError } from '../../errors/mayfly-error.ts';
import type { PaymentTransaction, TransactionStatus } from '../database/models.ts';
import type { Cents } from '../database/money.ts';
import type { Step } from './models.ts';

/** Where a transaction can go from each state. The trigger in schema.sql says the same. */
export const transitions: Readonly<Record<TransactionStatus, readonly TransactionStatus[]>> = {
  pending: ['authorized', 'failed'],
  authorized: ['completed', 'failed'],
  completed: ['refunded'],
  failed: [],
  refunded: [],
};

/** As events and the audit log call the arrival in each state. */
export const actions: Readonly<Record<TransactionStatus, string>> = {
  pending: 'payment_session_created',
  authorized: 'payment_authorized',
  completed: 'payment_captured',
  failed: 'payment_failed',
  refunded: 'payment_refunded',
};

/** What a step makes of a transaction. */
export interface Change {
  readonly status: TransactionStatus;
  /** What the step moves. */
  readonly amount: Cents;
  /** Of the whole transaction, after the step. */
  readonly refunded: Cents;
  readonly completedAt: Date | null;
}

/**
 * A transaction is `refunded` when nothing of it is left; until then parts of it can be given back, and it stays
 * `completed`, as a charge of Stripe's does (https://docs.stripe.com/api/charges/object, `refunded`).
 *
 * @throws MayflyError `MAYFLY_STATE_REFUSED` where the step does not lead on from the state, or gives back more than there
 *   is left; `MAYFLY_INPUT_INVALID` where the amount is not the transaction's own.
 */
export function change(transaction: PaymentTransaction, step: Step): Change {
  const { reference, status, amount, refunded, completedAt } = transaction;
  const onward = transitions[status];
  if (!onward.includes(step.to)) {
    const instead = onward.length === 0 ? 'nor anything else' : `but ${onward.join(' or ')}`;
    throw refused(`\`${reference}\` is ${status} and cannot become ${step.to}, ${instead}.`);
  }
  if (step.to === 'refunded') {
    return refund(transaction, step.amount ?? ((amount - refunded) as Cents));
  }
  if (step.amount !== null && step.amount !== amount) {
    throw new MayflyError('MAYFLY_INPUT_INVALID', {
      message: `\`amount\` is not valid: \`${reference}\` is of ${amount} cents and not of ${step.amount}.`,
      remedy: 'Correct it; nothing was written.',
      service: 'financial',
      phase: 'run',
    });
  }
  return { status: step.to, amount, refunded, completedAt: step.to === 'completed' ? step.at : completedAt };
}

/** The error for what a state does not allow. */
export function refused(message: string): MayflyError {
  return new MayflyError('MAYFLY_STATE_REFUSED', {
    message,
    remedy: 'Look at what happened to it before; nothing was written.',
    service: 'financial',
    phase: 'run',
  });
}

function refund({ reference, amount, refunded, completedAt }: PaymentTransaction, part: Cents): Change {
  const left = amount - refunded;
  if (part === 0 || part > left) {
    throw refused(`Of \`${reference}\` ${left} cents are left to refund, and not ${part}.`);
  }
  const sum = (refunded + part) as Cents;
  return { status: part === left ? 'refunded' : 'completed', amount: part, refunded: sum, completedAt };
}
