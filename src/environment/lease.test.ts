import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { Environment } from './environment.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const fixtures = join(import.meta.dirname, '../../fixtures');
const definition = { migrations: join(fixtures, 'leases/migrations') };
const countGuests = 'SELECT count(*)::int FROM guest';

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a lease on ${runtime}`, () => {
    let environment: Environment<typeof definition>;

    beforeAll(async () => {
      environment = await startEnvironment(definition, { runtime });
    });

    afterAll(() => environment.stop());

    test('has a database of its own with the migrations applied, and an empty Redis', async () => {
      await using one = await environment.lease({ name: 'one' });
      await using other = await environment.lease({ name: 'other' });
      await one.pool.query(`INSERT INTO guest (name) VALUES ('Edsger')`);
      await askRedis(one.redis.url, 'SET', 'guest', 'Edsger');

      expect((await one.pool.query(countGuests)).rows).toEqual([{ count: 3 }]);
      expect((await other.pool.query(countGuests)).rows).toEqual([{ count: 2 }]);
      expect(await askRedis(other.redis.url, 'DBSIZE')).toBe(0);
      expect(await askPostgres(one.postgres.plainUrl, 'SELECT current_database()')).toBe(one.postgres.database);
    });

    test('leaves nothing to the next one, which has the same database', async () => {
      const first = await environment.lease({ name: 'first' });
      const { database } = first.postgres;
      await first.pool.query(`DELETE FROM guest; INSERT INTO guest (name) VALUES ('Edsger')`);
      await askRedis(first.redis.url, 'SET', 'guest', 'Edsger');

      expect(await first.release()).toMatchObject({ database: { outcome: 'undone' } });

      await using next = await environment.lease({ name: 'next' });
      expect(next.postgres.database).toBe(database);
      expect((await next.pool.query('SELECT id, name FROM guest')).rows).toEqual([
        { id: 1, name: 'Ada' },
        { id: 2, name: 'Grace' },
      ]);
      expect((await next.pool.query(`INSERT INTO guest (name) VALUES ('Tony') RETURNING id`)).rows).toEqual([
        { id: 3 },
      ]);
      expect(await askRedis(next.redis.url, 'DBSIZE')).toBe(0);
    });

    test('cannot be used any longer once it has been released, and is released once', async () => {
      const lease = await environment.lease({ name: 'short' });
      const { pool, redis } = lease;
      const client = new Redis(redis.url, { retryStrategy: () => null, lazyConnect: true });
      client.on('error', () => {});
      await client.connect();
      const ended = once(client, 'end');

      const [report, again] = await Promise.all([lease.release(), lease.release()]);

      expect(again).toBe(report);
      const released = expect.objectContaining({ code: 'MAYFLY_LEASE_RELEASED' });
      expect(() => lease.postgres).toThrow(released);
      expect(() => lease.pool).toThrow(released);
      expect(() => lease.redis).toThrow(released);
      await expect(pool.query('SELECT 1')).rejects.toEqual(released);
      await ended;
      await expect(askRedis(redis.url, 'PING')).rejects.toThrow(/WRONGPASS/);
    });

    test('lets a pool end in peace that its user has ended', async () => {
      for (let round = 0; round < 10; round += 1) {
        const lease = await environment.lease({ name: 'has a pool of its own' });
        const pool = new pg.Pool({ connectionString: lease.postgres.url });
        await Promise.all([1, 2, 3].map((n) => pool.query(`SELECT ${n}`)));
        // Says so before its connections have ended.
        await pool.end();

        expect(await lease.release()).toMatchObject({ database: { leftover: [] } });
      }
    });

    test('comes back undone, however many are released at the same time', async () => {
      const leases = await Promise.all([1, 2, 3, 4, 5].map((n) => environment.lease({ name: `number ${n}` })));
      await Promise.all(leases.map((lease) => lease.pool.query(`INSERT INTO guest (name) VALUES ('Edsger')`)));

      const released = await Promise.all(leases.map((lease) => lease.release()));
      expect(released.map(({ database }) => database?.outcome)).toEqual(leases.map(() => 'undone'));
    });

    test('carries its limits on its URL and in its options for a pool', async () => {
      await using lease = await environment.lease();
      const { url, poolOptions } = lease.postgres;
      const { searchParams } = new URL(url);

      expect(searchParams.get('connection_limit')).toBe(String(poolOptions.max));
      expect(searchParams.get('pool_timeout')).toBe('20');
      expect(await askPostgres(poolOptions, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toBe(false);
    });

    test('is taken by other processes, which find what is prepared', async () => {
      const child = spawn(process.execPath, [join(fixtures, 'programs/take-lease.ts')], {
        env: { ...process.env, ...environment.variables },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const theirs = JSON.parse(line) as { database: string; guests: number };

      await using own = await environment.lease();
      expect(theirs.guests).toBe(2);
      expect(own.postgres.database).not.toBe(theirs.database);
      expect((await own.pool.query(countGuests)).rows).toEqual([{ count: 2 }]);

      child.stdin.end();
      expect(await once(child, 'exit')).toEqual([0, null]);
    });

    test('is not of the run itself, whose own database has the migrations as well', async () => {
      const { postgres } = environment.details;

      expect(await askPostgres(environment.variables['DATABASE_URL'] ?? '', countGuests)).toBe(2);
      expect(postgres.database).toBe('postgres');
    });
  });
}
