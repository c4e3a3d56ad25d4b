import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { euros, usePayments } from '../../../fixtures/harness/payments.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type SubjectId, type TenantId } from '../database/identifiers.ts';
import type { Currency } from '../database/money.ts';

const state = useOwnState();
const nothing = [{ transactions: '0', events: '0', entries: '0', reconciliations: '0' }];

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the financial service on ${runtime}`, () => {
    const own = usePayments(runtime);

    test('begins a payment with defaults, and with what is given instead', async () => {
      const plain = await own.payments.create(own.input());
      const given = {
        reference: 'T-1',
        paymentIntent: 'pi_1',
        fees: euros(1),
        currency: 'CHF' as Currency,
        subjectId: newId<SubjectId>(),
        email: 'ada@example.org',
        createdAt: new Date('2026-03-01T10:00:00Z'),
      };
      const full = await own.payments.create(own.input(given));

      expect(plain).toMatchObject({ status: 'pending', fees: 0, refunded: 0, currency: 'EUR', paymentIntent: null });
      expect(plain.reference).toMatch(/^txn_/);
      expect(full).toMatchObject({ ...given, amount: 4000, status: 'pending', completedAt: null });
      expect(await own.payments.find('T-1')).toEqual(full);
      expect((await own.audit.find({ reference: 'T-1' })).entries).toMatchObject([
        {
          type: 'payment',
          action: 'payment_session_created',
          subjectId: given.subjectId,
          at: given.createdAt,
          data: { before: null, after: 'pending', amount: 4000, currency: 'CHF' },
        },
      ]);
    });

    test.each<[string, Readonly<Record<string, unknown>>]>([
      ['tenantId', { tenantId: undefined }],
      ['tenantId', { tenantId: 'north' }],
      ['stripeSession', { stripeSession: undefined }],
      ['stripeSession', { stripeSession: '' }],
      ['paymentIntent', { paymentIntent: 'a\0b' }],
      ['reference', { reference: '\uD800' }],
      ['reference', { reference: 'T'.repeat(256) }],
      ['reference', { reference: 'ada@example.com' }],
      ['amount', { amount: undefined }],
      ['amount', { amount: -1 }],
      ['amount', { amount: 0.5 }],
      ['amount', { amount: 2 ** 53 }],
      ['amount', { amount: '1' }],
      ['fees', { amount: 1, fees: 2 }],
      ['fees', { fees: -1 }],
      ['currency', { currency: 'eur' }],
      ['currency', { currency: 'XYZ' }],
      ['email', { email: 'ada' }],
      ['createdAt', { createdAt: new Date(Number.NaN) }],
      ['createdAt', { createdAt: new Date(8.64e15) }],
      ['status', { status: 'completed' }],
    ])('refuses a transaction whose %s is not valid: %j', async (field, bad) => {
      await expect(own.payments.create({ ...own.input(), ...bad })).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining(`\`${field}\``.replaceAll('`status`', 'status')),
      });
      expect(await own.counts()).toEqual(nothing);
    });

    test('refuses whatever else is thrown at it with a code, and writes nothing', async () => {
      const period = { from: new Date(1), to: new Date(2) };
      const calls: ((value: never) => Promise<unknown>)[] = [
        (value) => own.payments.create(value),
        (value) => own.payments.find(value),
        (value) => own.payments.events(value),
        (value) => own.payments.refund(value),
        (value) => own.payments.advance(value, 'authorized'),
        (value) => own.payments.advance('T', value),
        (value) => own.payments.advance('T', 'authorized', value),
        (value) => own.payments.refund('T', value),
        (value) => own.payments.reconcile(value),
        (value) => own.payments.reconcile({ period: value, provider: [] }),
        (value) => own.payments.reconcile({ period, provider: [value] }),
      ];

      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...calls), fc.anything(), async (call, value) => {
          const outcome = await call(value as never).catch((error: unknown) => error);
          expect(['MAYFLY_INPUT_INVALID', 'MAYFLY_RECORD_NOT_FOUND']).toContain((outcome as { code?: string }).code);
        }),
        { numRuns: 300, examples: calls.flatMap((call) => ['a\0', '\uD800', null].map((bad) => [call, bad] as never)) },
      );
      expect(await own.counts()).toEqual(nothing);
    });

    test('says what is not there', async () => {
      const asked = [
        () => own.payments.create(own.input({ tenantId: newId<TenantId>() })),
        () => own.payments.find('T-0'),
        () => own.payments.advance('T-0', 'failed'),
        () => own.payments.refund('T-0'),
        () => own.payments.events('T-0'),
      ];

      for (const ask of asked) {
        await expect(ask()).rejects.toMatchObject({ code: 'MAYFLY_RECORD_NOT_FOUND', service: 'financial' });
      }
      expect(await own.counts()).toEqual(nothing);
    });

    test('begins a payment once', async () => {
      const begin = async () => own.payments.create(own.input({ reference: 'T-1' }));
      const begun = await Promise.allSettled(Array.from({ length: 10 }, begin));

      expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const other of begun.filter((one) => one.status === 'rejected')) {
        expect(other.reason).toMatchObject({ code: 'MAYFLY_STATE_REFUSED' });
      }
      expect(await own.audited('T-1')).toEqual(['payment_session_created']);
    });

    test('writes nothing where the audit log does not', async () => {
      const { reference } = await own.payments.create(own.input());
      const before = await own.counts();
      own.audit.intercept('payment_*', () => {
        throw new Error('no entry');
      });
      await expect(own.payments.advance(reference, 'failed')).rejects.toThrow('no entry');
      await expect(own.payments.create(own.input())).rejects.toThrow('no entry');

      expect(await own.payments.find(reference)).toMatchObject({ status: 'pending' });
      expect(await own.counts()).toEqual(before);
    });

    test('is part of a transaction that it is put into', async () => {
      const undone = own.db.transaction(async (tx) => {
        const payments = own.payments.within(tx);
        await payments.create(own.input({ reference: 'T-1' }));
        await payments.advance('T-1', 'authorized');
        expect(await payments.find('T-1')).toMatchObject({ status: 'authorized' });
        expect(await payments.events('T-1')).toHaveLength(2);
        throw new Error('undone');
      });

      await expect(undone).rejects.toThrow('undone');
      expect(await own.counts()).toEqual(nothing);
    });
  });
}
