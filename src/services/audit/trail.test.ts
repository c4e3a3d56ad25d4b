import { afterAll, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId } from '../database/identifiers.ts';
import { database } from '../database/service.ts';
import { AuditLog } from './audit-log.ts';
import { auditService } from './service.ts';

const state = useOwnState();
const reason = 'the provider was not called';

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the trail of a transaction on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, auditService({ syntheticEntries: true })]);

    const record = (action: string, reference: string): Promise<unknown> =>
      leased.services.audit.record({ type: 'payment', action, reference });

    test('lacks the steps that nobody recorded', async () => {
      const { audit: log } = leased.services;
      await record('payment_captured', 'a');
      await record('payment_captured', 'a');
      await record('payment_reconciled', 'b');

      expect(await log.missing('a')).toEqual(['session_created', 'authorized', 'reconciled']);
      expect(await log.missing('b')).toEqual(['session_created', 'authorized', 'captured']);
    });

    test('lacks every step of a transaction that was never audited', async () => {
      const { audit: log, database: db } = leased.services;
      await db.query(
        `WITH t AS (INSERT INTO tenants VALUES ($1, 'acme', 'Acme') RETURNING id)
         INSERT INTO transactions (id, tenant_id, reference, stripe_session, amount, currency, status)
         SELECT $2, id, 'unseen', 'cs_1', 100, 'EUR', 'pending' FROM t`,
        [newId(), newId()],
      );

      expect(await log.missing('unseen')).toEqual(['session_created', 'authorized', 'captured', 'reconciled']);
    });

    test('is filled in where it lacks something, with entries that say why', async () => {
      const { audit: log } = leased.services;
      await record('payment_session_created', 'a');
      await record('payment_captured', 'a');

      const filled = await log.fill('a', { reason });

      expect(filled).toMatchObject([
        { action: 'payment_authorized', reference: 'a', correlationId: 'a', syntheticReason: reason },
        { action: 'payment_reconciled', reference: 'a', correlationId: 'a', syntheticReason: reason },
      ]);
      expect(await log.missing('a')).toEqual([]);
      expect(await log.fill('a', { reason })).toEqual([]);
      expect(await log.verify()).toEqual({ valid: true, entries: 4 });
    });

    test('is filled in once, whoever does it at the same time', async () => {
      const { audit: log } = leased.services;
      await record('payment_session_created', 'a');

      const filled = await Promise.all(Array.from({ length: 8 }, () => log.fill('a', { reason })));

      expect(filled.filter(({ length }) => length > 0)).toHaveLength(1);
      expect(filled.flat()).toHaveLength(3);
      expect(await log.verify()).toEqual({ valid: true, entries: 4 });
    });

    test('is not filled in by half', async () => {
      const { audit: log } = leased.services;
      await record('payment_session_created', 'a');
      log.intercept('payment_reconciled', () => {
        throw new Error('no');
      });

      await expect(log.fill('a', { reason })).rejects.toThrow('no');
      expect(await log.missing('a')).toEqual(['authorized', 'captured', 'reconciled']);
    });

    test('is not filled in by a log that was not made for it', async () => {
      const { audit: log, database: db } = leased.services;
      await record('payment_captured', 'a');

      for (const careful of [new AuditLog(db), new AuditLog(db, { syntheticEntries: false }).within(db)]) {
        await expect(careful.fill('a', { reason })).rejects.toMatchObject({ code: 'MAYFLY_SYNTHETIC_REFUSED' });
      }
      expect(await log.verify()).toEqual({ valid: true, entries: 1 });
    });

    test('is not there for a reference that nothing has', async () => {
      const { audit: log } = leased.services;

      await expect(log.missing('nowhere')).rejects.toMatchObject({
        code: 'MAYFLY_RECORD_NOT_FOUND',
        message: expect.stringContaining('"nowhere"'),
      });
      await expect(log.fill('nowhere', { reason })).rejects.toMatchObject({ code: 'MAYFLY_RECORD_NOT_FOUND' });
      expect(await log.verify()).toEqual({ valid: true, entries: 0 });
    });
  });
}
