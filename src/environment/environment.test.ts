import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { startEnvironment } from './start-environment.ts';

const run = promisify(execFile);

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** Connects as programs do that are told nothing: node-postgres by the PG… variables, ioredis by REDIS_URL. */
const clients = `
  import { Redis } from 'ioredis';
  import pg from 'pg';
  const client = new pg.Client();
  await client.connect();
  const { rows } = await client.query('SELECT current_database() AS database');
  await client.end();
  const redis = new Redis(process.env.REDIS_URL);
  console.log(rows[0].database, await redis.ping());
  redis.disconnect();
`;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`an environment on ${runtime}`, () => {
    test('gives other programs the variables by which they reach it', async () => {
      await using environment = await startEnvironment({}, { runtime });
      const { postgres, redis } = environment.details;
      const { variables } = environment;

      expect(variables).toMatchObject({ DATABASE_URL: postgres.url, REDIS_URL: redis.url });
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', clients], {
        cwd: import.meta.dirname,
        env: { ...process.env, ...variables },
      });
      expect(stdout).toBe(`${postgres.database} PONG\n`);
    });

    test('is described in a file that only its user can read, for as long as it runs', async () => {
      const environment = await startEnvironment({}, { runtime });
      const { session, directory, details, variables } = environment;
      const file = join(directory, 'environment.json');

      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
        session,
        runtime: environment.runtime,
        details,
        variables,
        leases: { settings: expect.objectContaining({ mode: 'recycle' }) as unknown },
      });

      await environment.stop();
      expect(existsSync(directory)).toBe(false);
    });

    test('records every step of its life with the time it took', async () => {
      const environment = await startEnvironment({ postgres: false }, { runtime });
      await environment.health();
      await environment.stop();

      expect(environment.timeline.map(({ phase, outcome }) => `${phase} ${outcome}`)).toEqual([
        'start ok',
        'check ok',
        'health ok',
        'stop ok',
      ]);
      expect(environment.timeline.every(({ service, duration }) => service === 'redis' && duration > 0)).toBe(true);
    });

    test('is stopped once, however often and however soon that is asked for', async () => {
      const environment = await startEnvironment({ postgres: false }, { runtime });

      const [first, second] = await Promise.all([environment.stop(), environment.stop()]);
      const third = await environment.stop();

      expect(second).toBe(first);
      expect(third).toBe(first);
      expect(first.steps).toHaveLength(1);
      await expect(environment.reset()).rejects.toMatchObject({ code: 'MAYFLY_ENVIRONMENT_STOPPED' });
    });
  });
}
