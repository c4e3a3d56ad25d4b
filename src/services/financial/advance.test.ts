import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { euros, usePayments } from '../../../fixtures/harness/payments.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { transactionStatuses } from '../database/models.ts';
import { transitions } from './state-machine.ts';

const state = useOwnState();
const pairs = transactionStatuses.flatMap((from) => transactionStatuses.map((to) => [from, to] as const));

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the states of a payment on ${runtime}`, () => {
    const own = usePayments(runtime);

    test('moves a payment on, and says when and how', async () => {
      await own.payments.create(own.input({ reference: 'T-1' }));
      const at = new Date('2030-01-01T00:00:00Z');
      await own.payments.advance('T-1', 'authorized', { eventId: 'evt_1', amount: euros(40) });

      expect(await own.payments.advance('T-1', 'completed', { at })).toMatchObject({
        status: 'completed',
        completedAt: at,
      });
      expect(await own.payments.events('T-1')).toMatchObject([
        { action: 'payment_session_created', before: null, after: 'pending', eventId: null, amount: 4000 },
        { action: 'payment_authorized', before: 'pending', after: 'authorized', eventId: 'evt_1' },
        { action: 'payment_captured', before: 'authorized', after: 'completed', at },
      ]);
      expect(await own.audited('T-1')).toEqual(['payment_session_created', 'payment_authorized', 'payment_captured']);
      expect(await own.audit.verify()).toMatchObject({ valid: true, entries: 3 });
    });

    test('says of a payment that failed that it did', async () => {
      await own.payments.create(own.input({ reference: 'T-1' }));

      expect(await own.payments.advance('T-1', 'failed')).toMatchObject({ status: 'failed', completedAt: null });
      expect((await own.audit.find({ action: 'payment_failed' })).entries).toMatchObject([{ severity: 'critical' }]);
    });

    test('refuses another amount than the payment is of', async () => {
      const { reference } = await own.payments.create(own.input());

      await expect(own.payments.advance(reference, 'authorized', { amount: euros(41) })).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining('amount'),
      });
      expect(await own.payments.find(reference)).toMatchObject({ status: 'pending' });
    });

    test.each(pairs)('from %s to %s: the service and the database agree', async (from, to) => {
      const { id, reference } = await own.payments.create(own.input());
      const set = `UPDATE transactions SET refunded = CASE $2 WHEN 'refunded' THEN amount ELSE 0 END, status = $2 WHERE id = $1`;
      const path = {
        pending: [],
        authorized: [],
        completed: ['authorized'],
        failed: [],
        refunded: ['authorized', 'completed'],
      };
      for (const step of from === 'pending' ? [] : [...path[from], from]) {
        await own.db.query(set, [id, step]);
      }
      const isAllowed = transitions[from].includes(to);

      const written = own.db.transaction(async (tx) => {
        await tx.query(set, [id, to]);
        throw new Error('undone');
      });
      const isSame = from === to;
      await expect(written).rejects.toThrow(
        isAllowed || isSame ? 'undone' : `a ${from} transaction cannot become ${to}`,
      );
      const advanced = await own.payments.advance(reference, to).then(
        ({ status }) => status,
        (error: unknown) => (error as { code: string }).code,
      );
      expect(advanced).toBe(isAllowed ? to : 'MAYFLY_STATE_REFUSED');
    });

    test.each([
      ['nobody paid', `UPDATE transactions SET refunded = 1`, 'transactions_refunded_once_paid'],
      ['is not all of it', `UPDATE transactions SET status = 'refunded', refunded = 1`, 'transactions_refunded_whole'],
      ['is more than there was', `UPDATE transactions SET refunded = amount + 1`, 'transactions_check'],
    ])('keeps whoever writes past the service from a refund that %s', async (why, statement, constraint) => {
      await (why === 'nobody paid' ? own.payments.create(own.input()) : own.paid());

      await expect(own.db.query(statement)).rejects.toThrow(constraint);
    });

    test('says where a payment can go when it cannot go where it should', async () => {
      const { reference } = await own.payments.create(own.input());
      const refunded = await own.paid();
      await own.payments.refund(refunded);

      await expect(own.payments.advance(reference, 'completed')).rejects.toThrow(
        'is pending and cannot become completed, but authorized or failed.',
      );
      await expect(own.payments.advance(refunded, 'failed')).rejects.toThrow(
        'is refunded and cannot become failed, nor anything else.',
      );
    });

    test('lets one of fifty advances win', async () => {
      await own.payments.create(own.input({ reference: 'T-1' }));
      const advance = async () => own.payments.advance('T-1', 'authorized');
      const tried = await Promise.allSettled(Array.from({ length: 50 }, advance));

      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const lost of tried.filter((one) => one.status === 'rejected')) {
        expect(lost.reason).toMatchObject({ code: 'MAYFLY_STATE_REFUSED' });
      }
      expect(await own.audited('T-1')).toEqual(['payment_session_created', 'payment_authorized']);
      expect(await own.payments.events('T-1')).toHaveLength(2);
    });

    test('takes the same event fifty times and counts it once, also after the next one', async () => {
      await own.payments.create(own.input({ reference: 'T-1' }));
      const deliver = async () => own.payments.advance('T-1', 'authorized', { eventId: 'evt_1' });
      const delivered = await Promise.all(Array.from({ length: 50 }, deliver));
      await own.payments.advance('T-1', 'completed', { eventId: 'evt_2' });

      expect(new Set(delivered.map(({ status }) => status))).toEqual(new Set(['authorized']));
      expect(await deliver()).toMatchObject({ status: 'completed' });
      await expect(own.payments.advance('T-1', 'refunded', { eventId: 'evt_2' })).rejects.toMatchObject({
        code: 'MAYFLY_STATE_REFUSED',
      });
      expect(await own.audited('T-1')).toEqual(['payment_session_created', 'payment_authorized', 'payment_captured']);
    });

    test('takes an event of one payment for another one as well', async () => {
      for (const reference of ['T-1', 'T-2']) {
        await own.payments.create(own.input({ reference }));
        const advanced = await own.payments.advance(reference, 'authorized', { eventId: 'evt_1' });
        expect(advanced).toMatchObject({ status: 'authorized' });
      }
    });

    test('adds partial refunds up, to the whole and no further', async () => {
      const reference = await own.paid();
      const partly = await own.payments.refund(reference, euros(15), { eventId: 'evt_r1' });
      await own.payments.refund(reference, euros(15), { eventId: 'evt_r1' });

      expect(partly).toMatchObject({ status: 'completed', refunded: 1500 });
      await expect(own.payments.refund(reference, euros(26))).rejects.toMatchObject({ code: 'MAYFLY_STATE_REFUSED' });
      expect(await own.payments.refund(reference)).toMatchObject({ status: 'refunded', refunded: 4000 });
      await expect(own.payments.refund(reference)).rejects.toMatchObject({ code: 'MAYFLY_STATE_REFUSED' });
      expect((await own.payments.events(reference)).slice(3)).toMatchObject([
        { action: 'payment_refunded', after: 'completed', amount: 1500 },
        { action: 'payment_refunded', after: 'refunded', amount: 2500 },
      ]);
    });

    test('never gives back more than was paid, however many ask at once', async () => {
      const reference = await own.paid();
      const refund = async () => own.payments.refund(reference, euros(3));
      const tried = await Promise.allSettled(Array.from({ length: 50 }, refund));

      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(13);
      expect(await own.payments.find(reference)).toMatchObject({ status: 'completed', refunded: 3900 });
    });

    test('refunds nothing of what was free or not paid, and never nothing', async () => {
      const free = await own.paid({ amount: euros(0) });
      const { reference: open } = await own.payments.create(own.input());

      for (const reference of [free, open]) {
        await expect(own.payments.refund(reference)).rejects.toMatchObject({ code: 'MAYFLY_STATE_REFUSED' });
      }
      await expect(own.payments.refund(await own.paid(), euros(0))).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
      });
    });
  });
}
