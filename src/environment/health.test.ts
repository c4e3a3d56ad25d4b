import { afterAll, describe, expect, test } from 'vitest';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`health on ${runtime}`, () => {
    test('names each server that was killed, and the teardown completes', async () => {
      const environment = await startEnvironment({}, { runtime });
      const { postgres, redis } = environment.details;
      const deadOf = (service: string) => ({
        healthy: false,
        reason: expect.stringMatching(
          new RegExp(`^The ${service} server has died \\(.+\\)\\. Its last log lines:\n {2}\\| `),
        ),
      });
      const [deadPostgres, deadRedis] = [deadOf('postgres'), deadOf('redis')];
      const alive = { healthy: true };

      expect(await environment.health()).toMatchObject({ healthy: true, services: { postgres: alive, redis: alive } });

      await killServer(redis.place);
      expect(await environment.health()).toMatchObject({
        healthy: false,
        services: { postgres: alive, redis: deadRedis },
      });

      await killServer(postgres.place);
      expect(await environment.health()).toMatchObject({
        healthy: false,
        services: { postgres: deadPostgres, redis: deadRedis },
      });

      const { steps } = await environment.stop();
      expect(steps.map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped']);
    });
  });
}
