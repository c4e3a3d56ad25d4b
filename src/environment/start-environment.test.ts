import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { Environment } from './environment.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const settings = { work_mem: '7MB', fsync: 'on', 'mayfly.greeting': `it's "quoted" and \\ spaced` };

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`Postgres and Redis on ${runtime}`, () => {
    let environment: Environment;

    beforeAll(async () => {
      environment = await startEnvironment(
        { postgres: { maxConnections: 37, settings }, redis: { databases: 33 } },
        { runtime },
      );
    });

    afterAll(() => environment.stop());

    test('answer through their URLs', async () => {
      const { postgres, redis } = environment.details;

      expect(await askPostgres(postgres.url, 'SELECT current_database()')).toBe(postgres.database);
      expect(await askRedis(redis.url, 'PING')).toBe('PONG');
    });

    test('answer through the separate fields', async () => {
      const { postgres, redis } = environment.details;
      const { host, port, user, password, database } = postgres;

      expect(await askPostgres({ host, port, user, password, database }, 'SELECT current_user')).toBe(user);
      expect(await askRedis({ ...redis, db: redis.database }, 'ACL', 'WHOAMI')).toBe(redis.username);
    });

    test('say where they run', () => {
      const place = runtime === 'docker' ? /^container [0-9a-f]{12}$/ : /^process \d+$/;

      expect(environment.runtime).toBe(`${runtime}, named by --runtime`);
      for (const details of [environment.details.postgres, environment.details.redis]) {
        expect(details).toMatchObject({ runtime, place: expect.stringMatching(place) });
      }
    });

    test('have the settings that the definition names, in place of ours', async () => {
      const { postgres, redis } = environment.details;
      const show = (name: string): Promise<unknown> => askPostgres(postgres.url, `SHOW ${name}`);

      expect(await show('max_connections')).toBe('37');
      for (const [name, value] of Object.entries(settings)) {
        expect(await show(name)).toBe(value);
      }
      expect(await askRedis(redis.url, 'CONFIG', 'GET', 'databases')).toEqual(['databases', '33']);
    });

    test('lose what they were given in a crash, because nothing is written through', async () => {
      const { postgres, redis } = environment.details;

      expect(await askPostgres(postgres.url, 'SHOW synchronous_commit')).toBe('off');
      expect(await askPostgres(postgres.url, 'SHOW full_page_writes')).toBe('off');
      expect(await askRedis(redis.url, 'CONFIG', 'GET', 'save')).toEqual(['save', '']);
    });

    test('listen on the loopback address alone', () => {
      for (const { port } of [environment.details.postgres, environment.details.redis]) {
        expect(listeningAddresses(port)).toEqual(['127.0.0.1']);
      }
    });

    test('have nobody listening on their ports once they are stopped', async () => {
      const brief = await startEnvironment({}, { runtime });
      const { postgres, redis } = brief.details;
      await brief.stop();

      await expect(askPostgres(postgres.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
      await expect(askRedis(redis.url, 'PING')).rejects.toThrow('ECONNREFUSED');
    });
  });
}

/** The addresses on which something listens at this port, of both families. Linux alone tells; others are trusted. */
function listeningAddresses(port: number): string[] {
  if (process.platform !== 'linux') {
    return ['127.0.0.1'];
  }
  const listening = '0A';
  const hexadecimalPort = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , status]) => status === listening && local?.endsWith(`:${hexadecimalPort}`))
      .map(([, local]) => (local?.startsWith('0100007F:') ? '127.0.0.1' : String(local))),
  );
}
