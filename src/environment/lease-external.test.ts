import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../fixtures/harness/directories.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { EnvironmentDefinition } from '../config/definition.ts';
import type { Environment } from './environment.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

const migrations = join(import.meta.dirname, '../../fixtures/leases/migrations');

describe.skipIf(await isMissing('embedded'))('leases on servers that run already', () => {
  let host: Environment;

  beforeAll(async () => {
    host = await startEnvironment({ redis: { databases: 8 } }, { runtime: 'embedded' });
  });

  afterAll(async () => {
    await host.stop();
    await expectNothingLeft(state);
  });

  test('leave the servers as they were, but for the template, which the next run uses', async () => {
    const first = await use();
    const lease = await first.lease();
    await lease.pool.query(`INSERT INTO guest (name) VALUES ('Edsger')`);
    await askRedis(lease.redis.url, 'SET', 'guest', 'Edsger');
    await lease.release();
    // Not released: the run takes it with it.
    await first.lease();
    const built = await templates();
    await first.stop();

    expect(built).toHaveLength(1);
    expect(await databases()).toEqual(['mayfly', ...built, 'postgres']);
    expect(await roles()).toEqual([...built, 'postgres']);
    expect(await askRedis(host.details.redis.url, 'ACL', 'USERS')).toEqual(['default']);

    await using second = await use();
    await using next = await second.lease();
    expect((await next.pool.query('SELECT count(*)::int FROM guest')).rows).toEqual([{ count: 2 }]);
    expect(await templates()).toEqual(built);
  });

  test('are made of a template of its own when a migration has changed', async () => {
    const changed = join(makeDirectory(), 'migrations');
    cpSync(migrations, changed, { recursive: true });
    writeFileSync(join(changed, '3-more.sql'), 'CREATE TABLE more ()');
    await using before = await use();
    await using after = await use({ migrations: changed });
    await using old = await before.lease();
    await using lease = await after.lease();

    expect((await old.pool.query(`SELECT to_regclass('more') IS NULL AS absent`)).rows).toEqual([{ absent: true }]);
    expect((await lease.pool.query('SELECT count(*)::int FROM more')).rows).toEqual([{ count: 0 }]);
    await Promise.all([before.stop(), after.stop()]);
    await dropTemplates();
  });

  test('are given to two runs at the same time, each with room for the other', async () => {
    const leases = { connections: 10, timeout: 5_000 };
    await using one = await use({ leases });
    await using other = await use({ leases });
    const take = (environment: Environment<object>) => Array.from({ length: 6 }, () => environment.lease());

    // Twelve times ten connections are more than there are: some of them wait.
    const taken = [...take(one), ...take(other)].map(async (taking) => {
      const lease = await taking;
      const { rows } = await lease.pool.query<{ database: string }>('SELECT current_database() AS database');
      await lease.release();
      return rows[0]?.database;
    });

    const names = await Promise.all(taken);
    expect(names.slice(0, 6).every((name) => name?.includes(one.session))).toBe(true);
    expect(names.slice(6).every((name) => name?.includes(other.session))).toBe(true);
  });

  test('have the same user as the run where that may not make users, and are made afresh each time', async () => {
    const password = 'builder';
    await dropTemplates();
    await askPostgres(host.details.postgres.url, 'DROP DATABASE IF EXISTS mayfly');
    await askPostgres(host.details.postgres.url, `CREATE ROLE builder LOGIN CREATEDB PASSWORD '${password}'`);
    const { href } = Object.assign(new URL(host.details.postgres.url), { username: 'builder', password });
    const run = await use({ postgres: { url: href } });
    const lease = await run.lease();

    expect(await askPostgres(lease.postgres.plainUrl, 'SELECT current_user')).toBe('builder');
    expect((await lease.pool.query('SELECT count(*)::int FROM guest')).rows).toEqual([{ count: 2 }]);
    expect(await lease.release()).toMatchObject({ database: { outcome: 'made afresh' } });

    await run.stop();

    // A superuser has a template of its own.
    await using other = await use();
    await using theirs = await other.lease();
    expect((await theirs.pool.query('SELECT count(*)::int FROM guest')).rows).toEqual([{ count: 2 }]);
    await other.stop();
    await dropTemplates();
    await askPostgres(host.details.postgres.url, 'DROP DATABASE mayfly');
    await askPostgres(host.details.postgres.url, 'DROP ROLE builder');
  });

  test('are refused, with what to do, where another user has the registry', async () => {
    const { url } = host.details.postgres;
    await askPostgres(url, `CREATE ROLE stranger LOGIN CREATEDB PASSWORD 'stranger'`);
    const { href } = Object.assign(new URL(url), { username: 'stranger', password: 'stranger' });
    await using owner = await use();
    await owner.lease();

    await expect(use({ postgres: { url: href } })).rejects.toMatchObject({
      code: 'MAYFLY_EXTERNAL_REFUSED',
      message: expect.stringContaining('permission denied for database "mayfly"'),
    });
    await askPostgres(url, 'DROP ROLE stranger');
  });

  test('are kept if somebody asks for that', async () => {
    const run = await use();
    const kept = await run.lease();
    await kept.pool.query(`INSERT INTO guest (name) VALUES ('Edsger')`);
    const { plainUrl, database } = kept.postgres;

    expect(await kept.release({ keep: true })).toMatchObject({ database: { outcome: 'kept' } });
    await run.stop();

    expect(await askPostgres(plainUrl, 'SELECT count(*)::int FROM guest')).toBe(3);
    await askPostgres(host.details.postgres.url, `DROP DATABASE ${database}`);
  });

  function use(definition: EnvironmentDefinition = {}): Promise<Environment> {
    const { postgres, redis } = host.details;
    const servers = { postgres: { url: postgres.url }, redis: { url: redis.url } };
    return startEnvironment({ migrations, ...servers, ...definition }, { runtime: 'external' });
  }

  const list = async (query: string): Promise<string[]> =>
    (await askPostgres(
      host.details.postgres.url,
      `SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM (${query}) q`,
    )) as string[];

  const databases = (): Promise<string[]> =>
    list(`SELECT datname AS name FROM pg_database WHERE datname NOT IN ('template0', 'template1')`);

  const templates = (): Promise<string[]> =>
    list(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'mayfly_template_%'`);

  const roles = (): Promise<string[]> => list(`SELECT rolname AS name FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%'`);

  async function dropTemplates(): Promise<void> {
    for (const name of await templates()) {
      await askPostgres(host.details.postgres.url, `ALTER DATABASE ${name} IS_TEMPLATE false`);
      await askPostgres(host.details.postgres.url, `DROP DATABASE ${name}`);
      await askPostgres(host.details.postgres.url, `DROP ROLE IF EXISTS ${name}`);
    }
  }
});
