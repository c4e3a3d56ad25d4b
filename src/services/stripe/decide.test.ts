import { describe, expect, test } from 'vitest';
import { newId } from '../database/identifiers.ts';
import { transactionStatuses, type PaymentTransaction, type TransactionStatus } from '../database/models.ts';
import type { Cents, Currency } from '../database/money.ts';
import { decide } from './decide.ts';
import { destinations, type Destination, type Movement } from './movement.ts';

const payment: PaymentTransaction = {
  id: newId(),
  tenantId: newId(),
  reference: 'order-1',
  stripeSession: 'cs_1',
  paymentIntent: 'pi_1',
  amount: 1_000 as Cents,
  fees: 0 as Cents,
  refunded: 0 as Cents,
  currency: 'EUR' as Currency,
  status: 'pending',
  subjectId: null,
  email: null,
  createdAt: new Date(),
  completedAt: null,
};
const movement: Movement = {
  to: 'completed',
  session: 'cs_1',
  paymentIntent: 'pi_1',
  reference: 'order-1',
  amount: 1_000,
  currency: 'EUR',
};

/** For each state what each movement does, in the order of the destinations. */
const table: Record<TransactionStatus, Record<Destination, string>> = {
  pending: {
    linked: '',
    attempt_failed: '',
    authorized: 'authorized',
    completed: 'authorized completed',
    failed: 'failed',
    refunded: 'wait',
  },
  authorized: {
    linked: '',
    attempt_failed: '',
    authorized: '',
    completed: 'completed',
    failed: 'failed',
    refunded: 'wait',
  },
  completed: { linked: '', attempt_failed: '', authorized: '', completed: '', failed: 'refuse', refunded: 'refunded' },
  failed: { linked: '', attempt_failed: '', authorized: '', completed: 'refuse', failed: '', refunded: 'refuse' },
  refunded: { linked: '', attempt_failed: '', authorized: '', completed: '', failed: 'refuse', refunded: '' },
};

describe('a movement', () => {
  test.each(
    transactionStatuses.flatMap((status) => destinations.map((to) => ({ status, to, does: table[status][to] }))),
  )('to $to of a payment that is $status does: $does', ({ status, to, does }) => {
    const refunded = (status === 'refunded' ? 1_000 : 0) as Cents;
    const decision = decide({ ...payment, status, refunded }, { ...movement, to });
    expect(decision.does === 'advance' ? decision.through.join(' ') : decision.does).toBe(does);
  });

  test.each([
    ['another session', { session: 'cs_2' }],
    ['another payment intent', { paymentIntent: 'pi_2' }],
    ['another currency', { currency: 'USD' }],
    ['more money', { amount: 1_001 }],
    ['less money', { amount: 999 }],
    ['a refund of more than was paid', { to: 'refunded', amount: 1_001 }],
  ] as const)('with %s is refused', (_, difference) => {
    expect(decide({ ...payment, status: 'completed' }, { ...movement, ...difference }).does).toBe('refuse');
  });

  test.each([
    ['the larger sum later', 400, 700, 'refunded'],
    ['the smaller sum later', 700, 400, ''],
    ['the same sum again', 400, 400, ''],
  ] as const)('of two refunds with %s', (_, known, told, through) => {
    const decision = decide(
      { ...payment, status: 'completed', refunded: known as Cents },
      { ...movement, to: 'refunded', amount: told },
    );
    expect(decision).toEqual({ does: 'advance', through: through === '' ? [] : [through] });
  });
});
