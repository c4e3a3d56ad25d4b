import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { euros, usePayments } from '../../../fixtures/harness/payments.ts';
import { reconcileSimply, type Booked } from '../../../fixtures/harness/reconcile-simply.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type TenantId } from '../database/identifiers.ts';
import { transactionStatuses } from '../database/models.ts';
import type { Cents, Currency } from '../database/money.ts';
import type { Payment, ReconciliationInput } from './reconciliation.ts';

const state = useOwnState();
const period = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-04-01T00:00:00Z') };
const eur = 'EUR' as Currency;

afterAll(() => expectNothingLeft(state));

const facts = {
  amount: fc.integer({ min: 0, max: 3 }) as fc.Arbitrary<Cents>,
  currency: fc.constantFrom('EUR', 'CHF') as fc.Arbitrary<Currency>,
  status: fc.constantFrom(...transactionStatuses),
};

/** Few names, so that many are met again on the other side. */
const booked: fc.Arbitrary<Booked[]> = fc
  .array(fc.record({ ...facts, isInside: fc.boolean(), number: fc.nat(7) }), { maxLength: 8 })
  .map((some) => [...new Map(some.map((one) => [one.number, one])).values()]);
const provided: fc.Arbitrary<Payment[]> = fc.array(
  fc.record({
    ...facts,
    reference: fc.tuple(fc.constantFrom('T', 'pi', 'cs'), fc.nat(7)).map(([kind, n]) => `${kind}-${n}`),
  }),
  { maxLength: 10 },
);

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`reconciliation on ${runtime}`, () => {
    const own = usePayments(runtime);
    const at = (day: number): Date => new Date(Date.UTC(2026, 2, day));

    test('finds both sides the same, and says so of each payment, once', async () => {
      const paid = await own.paid({ createdAt: at(1) });
      const open = await own.payments.create(own.input({ createdAt: at(2), paymentIntent: 'pi_2' }));
      const provider = [
        { reference: paid, amount: euros(40), currency: eur, status: 'completed' as const },
        { reference: 'pi_2', amount: euros(40), currency: eur, status: 'pending' as const },
      ];
      const first = await own.payments.reconcile({ period, provider });
      const second = await own.payments.reconcile({ period, provider });

      expect(first).toMatchObject({ status: 'balanced', matched: 2, period, tenantId: null, mismatched: [] });
      expect(first.totals).toEqual([{ currency: 'EUR', provider: 4000, database: 4000, discrepancy: 0 }]);
      expect(second).toEqual({ ...first, id: second.id, createdAt: second.createdAt });
      expect((await own.audited(paid)).slice(3)).toEqual(['payment_reconciled']);
      expect(await own.audit.missing(paid)).toEqual([]);
      expect((await own.payments.events(paid)).at(-1)).toMatchObject({
        action: 'payment_reconciled',
        before: 'completed',
        after: 'completed',
        amount: 4000,
      });
      expect(await own.audited(open.reference)).toEqual(['payment_session_created']);
      expect((await own.audit.find({ action: 'reconciliation_completed' })).entries).toMatchObject([
        { data: { reconciliation: first.id, status: 'balanced', matched: 2 } },
        { data: { reconciliation: second.id } },
      ]);
    });

    test('says what each side has alone, what differs and by how much, and keeps it', async () => {
      const missing = await own.paid({ createdAt: at(1) });
      const other = await own.paid({ createdAt: at(31), reference: 'T-other' });
      await own.paid({ createdAt: period.to });
      const ours = { amount: euros(40), currency: eur, status: 'completed' as const };
      const twice = { reference: other, amount: euros(39), currency: eur, status: 'refunded' as const };
      const found = await own.payments.reconcile({ period, provider: [twice, twice], trail: 'summary' });

      expect(found).toMatchObject({
        status: 'discrepant',
        matched: 0,
        unmatchedProvider: [twice],
        unmatchedDatabase: [{ reference: missing, ...ours }],
        mismatched: [{ provider: twice, database: { reference: other, ...ours }, differs: ['amount', 'status'] }],
        totals: [{ currency: 'EUR', provider: 7800, database: 8000, discrepancy: -200 }],
      });
      expect(
        await own.db.query('SELECT id, matched, unmatched_provider, mismatched, status FROM reconciliations'),
      ).toEqual([{ id: found.id, matched: 0, unmatched_provider: 1, mismatched: 1, status: 'discrepant' }]);
      expect(await own.db.query('SELECT currency, discrepancy FROM reconciliation_totals')).toEqual([
        { currency: 'EUR', discrepancy: '-200' },
      ]);
    });

    test('finds what a simple program finds', async () => {
      await fc.assert(
        fc.asyncProperty(booked, provided, async (transactions, provider) => {
          const tenantId = newId<TenantId>();
          await own.db.query(`DELETE FROM reconciliations; DELETE FROM transactions`);
          await own.db.query('INSERT INTO tenants VALUES ($1, $2, $2)', [tenantId, tenantId]);
          for (const { number, amount, currency, status, isInside } of transactions) {
            await own.db.query(
              `INSERT INTO transactions (id, tenant_id, reference, stripe_session, payment_intent, amount, currency, status,
                  refunded, created_at)
                VALUES (gen_random_uuid(), $1, 'T-' || $2, 'cs-' || $2, 'pi-' || $2, $3::bigint + 1, $4, $5::text,
                  CASE $5::text WHEN 'refunded' THEN $3::bigint + 1 ELSE 0 END, $6)`,
              [tenantId, String(number), amount, currency, status, isInside ? at(9) : period.to],
            );
          }
          const given = provider.map((one) => ({ ...one, amount: (one.amount + 1) as Cents }));
          const found = await own.payments.reconcile({ period, provider: given, tenantId, trail: 'summary' });

          expect(found).toMatchObject(reconcileSimply(transactions, given));
        }),
        { numRuns: 150 },
      );
    });

    test("leaves other tenants' payments out", async () => {
      await own.paid({ createdAt: at(1) });
      const tenantId = newId<TenantId>();
      await own.db.query(`INSERT INTO tenants VALUES ($1, 'south', 'South')`, [tenantId]);

      expect(await own.payments.reconcile({ period, provider: [], tenantId })).toMatchObject({
        status: 'balanced',
        totals: [],
      });
      expect(await own.payments.reconcile({ period, provider: [] })).toMatchObject({ status: 'discrepant' });
    });

    test('writes what it says of a payment once, also where two are at it', async () => {
      const reference = await own.paid({ createdAt: at(1) });
      const input = {
        period,
        provider: [{ reference, amount: euros(40), currency: eur, status: 'completed' as const }],
      };
      const waiting = async (): Promise<unknown> =>
        own.db.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`);
      const written = Promise.withResolvers<undefined>();
      const over = Promise.withResolvers<undefined>();
      const first = own.db.transaction(async (tx) => {
        const found = await own.payments.within(tx).reconcile(input);
        written.resolve(undefined);
        await over.promise;
        return found;
      });
      await written.promise;
      const second = own.payments.reconcile(input);
      await expect.poll(waiting).toHaveLength(1);
      over.resolve(undefined);

      expect([await first, await second]).toMatchObject([{ status: 'balanced' }, { status: 'balanced' }]);
      expect((await own.audited(reference)).slice(3)).toEqual(['payment_reconciled']);
    });

    const payment = { reference: 'T-1', amount: 1, currency: 'EUR', status: 'completed' };
    test.each<[string, unknown]>([
      ['period', { provider: [] }],
      ['period.to', { period: { from: period.to, to: period.from }, provider: [] }],
      ['period.to', { period: { from: period.to, to: period.to }, provider: [] }],
      ['period.from', { period: { ...period, from: 'yesterday' }, provider: [] }],
      ['provider', { period }],
      ['provider.1.amount', { period, provider: [payment, { ...payment, amount: -1 }] }],
      ['provider', { period, provider: [payment, { ...payment, amount: Number.MAX_SAFE_INTEGER }] }],
      ['provider.0.currency', { period, provider: [{ ...payment, currency: 'E' }] }],
      ['provider.0.status', { period, provider: [{ ...payment, status: 'succeeded' }] }],
      ['tenantId', { period, provider: [], tenantId: 'north' }],
      ['trail', { period, provider: [], trail: 'none' }],
    ])('refuses what is not valid at %s', async (field, bad) => {
      await expect(own.payments.reconcile(bad as ReconciliationInput)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining(`\`${field}\``),
      });
      expect(await own.counts()).toMatchObject([{ reconciliations: '0', entries: '0' }]);
    });
  });
}
