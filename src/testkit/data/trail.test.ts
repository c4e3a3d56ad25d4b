import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Lease } from '../../environment/leases/lease.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { audit } from '../../services/audit/service.ts';
import { database } from '../../services/database/service.ts';
import { testkit } from './testkit.ts';

const state = useOwnState();
const definition = { redis: false, services: [database, audit] } as const;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the trail of a purchase on ${runtime}`, () => {
    let environment: Environment<typeof definition>;
    let lease: Lease<typeof definition>;

    beforeAll(async () => {
      environment = await startEnvironment(definition, { runtime });
      lease = await environment.lease();
    });

    afterAll(async () => {
      await lease.release();
      await environment.stop();
    });

    test('is whole, is about the one who paid and those who come, and stays when the purchase goes', async () => {
      const { transaction, registrations, cleanup } = await testkit(lease.services).purchase({ tickets: 2 });
      const { reference } = transaction;

      expect(await lease.services.audit.missing(reference)).toEqual([]);
      const { entries } = await lease.services.audit.find({ reference });
      expect(entries).toHaveLength(8);
      const subjects = [transaction.subjectId, ...registrations.map(({ subjectId }) => subjectId)];
      expect(new Set(entries.map(({ subjectId }) => subjectId))).toEqual(new Set(subjects));

      await cleanup();
      expect((await lease.services.audit.find({ reference })).entries).toEqual(entries);
      expect(await lease.services.audit.verify()).toMatchObject({ valid: true });
    });

    test('lacks its reconciliation where that is asked for', async () => {
      const { transaction } = await testkit(lease.services).purchase({ reconciled: false });

      expect(await lease.services.audit.missing(transaction.reference)).toEqual(['reconciled']);
    });

    test('is not there where an interceptor of the log refuses it, nor is the purchase', async () => {
      const before = await lease.services.audit.find({ limit: 1_000 });
      const remove = lease.services.audit.intercept('registration_completed', () => {
        throw new Error('no');
      });

      await expect(testkit(lease.services).purchase({ transaction: { reference: 'TX-7' } })).rejects.toThrow('no');

      remove();
      expect(await lease.services.audit.find({ limit: 1_000 })).toEqual(before);
      expect((await lease.pool.query("SELECT FROM transactions WHERE reference = 'TX-7'")).rows).toEqual([]);
    });

    test('is one chain where many are made at the same time', async () => {
      await Promise.all(Array.from({ length: 8 }, () => testkit(lease.services).purchase({ tickets: 2 })));

      expect(await lease.services.audit.verify()).toMatchObject({ valid: true });
    });
  });
}
