import { afterAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { defineService } from '../service/define-service.ts';
import { postgres, redis } from './servers.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a service that depends on Postgres and Redis on ${runtime}`, () => {
    test('is given what it needs to reach them, and is stopped while they still answer', async () => {
      const answers: unknown[] = [];
      const shop = defineService({
        name: 'shop',
        scope: 'run',
        dependsOn: { database: postgres, queue: redis },
        start: async ({ database, queue }) => {
          answers.push(await askPostgres(database.url, 'SELECT 1'), await askRedis(queue.url, 'PING'));
          return { database, queue };
        },
        stop: async ({ database, queue }) => {
          answers.push(await askPostgres(database.url, 'SELECT 2'), await askRedis(queue.url, 'PING'));
        },
        details: ({ queue }) => ({ queuePort: queue.port }),
      });

      const environment = await startEnvironment({ services: [shop] }, { runtime });
      const { steps } = await environment.stop();

      expect(answers).toEqual([1, 'PONG', 2, 'PONG']);
      expect(environment.details.shop).toEqual({ queuePort: environment.details.redis.port });
      expect(environment.services.shop.database).toEqual(environment.details.postgres);
      expect(steps.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
        'shop stopped',
        expect.stringMatching(/^(postgres|redis) stopped$/),
        expect.stringMatching(/^(postgres|redis) stopped$/),
      ]);
    });

    test('takes the servers with it when it does not start', async () => {
      let port = 0;
      const shop = defineService({
        name: 'shop',
        scope: 'run',
        dependsOn: { database: postgres },
        start: ({ database }) => {
          ({ port } = database);
          throw new Error('no shelf');
        },
      });

      await expect(startEnvironment({ services: [shop] }, { runtime })).rejects.toMatchObject({
        code: 'MAYFLY_SERVICE_START_FAILED',
        service: 'shop',
        message: expect.stringContaining('no shelf'),
      });
      await expect(askPostgres({ host: '127.0.0.1', port }, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    });
  });
}
