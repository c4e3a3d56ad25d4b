import { afterAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { Environment } from './environment.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** Fewer where each takes long. */
const counts = { docker: 2, embedded: 5 } as const;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`${counts[runtime]} environments at once on ${runtime}`, () => {
    test('start, do not see each other’s data, and do not end with each other', async () => {
      const starts = Array.from({ length: counts[runtime] }, () => startEnvironment({}, { runtime }));
      const [first, ...others] = (await Promise.all(starts)) as [Environment, ...Environment[]];

      await askPostgres(first.details.postgres.url, 'CREATE TABLE mine ()');
      await askRedis(first.details.redis.url, 'SET', 'mine', '1');
      await first.stop();

      for (const other of others) {
        const { postgres, redis } = other.details;
        expect(await askPostgres(postgres.url, `SELECT to_regclass('mine')`)).toBeNull();
        expect(await askRedis(redis.url, 'GET', 'mine')).toBeNull();
        await other.stop();
      }
    });
  });
}
