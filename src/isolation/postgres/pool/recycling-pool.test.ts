import { describe, expect, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { PostgresLeases } from '../postgres-leases.ts';

const server = useLeaseServer(useOwnState(), { settings: { autovacuum: 'off' } });

const backend = 'SELECT pg_backend_pid() AS pid';
const tenant = `SELECT current_setting('app.tenant', true) AS tenant`;

describe('the connection of a lease', () => {
  test('is kept for the next one, and what it wrote is known', async () => {
    const { leases } = await server.use({ sql: 'CREATE TABLE a (n int)' });
    const first = await leases.take({ name: 'first' }, soon());
    await first.pool.query('INSERT INTO a VALUES (1)');
    const { rows } = await first.pool.query(backend);
    expect(await leases.giveBack(first)).toEqual({ outcome: 'undone', leftover: [] });

    const second = await leases.take({ name: 'second' }, soon());
    expect((await second.pool.query(backend)).rows).toEqual(rows);
    expect((await second.pool.query('SELECT * FROM a')).rows).toEqual([]);
    expect((await second.pool.query('SHOW application_name')).rows).toEqual([{ application_name: 'second' }]);
  });

  test.each([
    { what: 'says what is never forgotten', does: `SELECT set_config('app.tenant', 'me', false)`, sql: '' },
    { what: 'sets what is never forgotten', does: `SET LOCAL app.tenant = 'me'`, sql: '' },
    {
      what: 'calls a function that may set it',
      does: 'SELECT f()',
      sql: `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.tenant', 'me', false) $$`,
    },
    {
      what: 'calls a function with a setting of its own',
      does: 'SELECT f()',
      sql: `CREATE FUNCTION f() RETURNS int LANGUAGE sql SET app.tenant = 'me' AS 'SELECT 1'`,
    },
    {
      what: 'calls a function that is stored parsed',
      does: 'SELECT f()',
      sql: `CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN set_config('app.tenant', 'me', false)`,
    },
    {
      what: 'calls a function that puts statements together',
      does: 'SELECT f()',
      sql: `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SET app' || '.tenant = 1'; END $$`,
    },
  ])('of a test that $what is not kept', async ({ does, sql }) => {
    const { leases } = await server.use({ sql });
    const first = await leases.take({ name: 'first' }, soon());
    await first.pool.query(does);
    expect(await leases.giveBack(first)).toMatchObject({ outcome: 'untouched' });

    const second = await leases.take({ name: 'second' }, soon());
    expect(second.details.database).toBe(first.details.database);
    expect((await second.pool.query(tenant)).rows).toEqual([{ tenant: null }]);
  });

  test("is nobody's when the lease is over", async () => {
    const { leases } = await server.use({ sql: 'CREATE TABLE a (n int)' });
    const first = await leases.take({ name: 'first' }, soon());
    const client = await first.pool.connect();
    client.release();
    await leases.giveBack(first);
    await takeAndConnect(leases);

    await expect(first.pool.query('SELECT 1')).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
    await expect(first.pool.connect()).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
  });
});

async function takeAndConnect(leases: PostgresLeases): Promise<void> {
  const next = await leases.take({ name: 'next' }, soon());
  await next.pool.query('SELECT 1');
}
