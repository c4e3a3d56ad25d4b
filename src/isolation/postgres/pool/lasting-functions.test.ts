import { expect, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { soon } from '../../../../fixtures/isolation/lease-source.ts';

const server = useLeaseServer(useOwnState(), { settings: { autovacuum: 'off' } });

const tenant = `SELECT current_setting('app.tenant', true) AS tenant`;

test.each([
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
])('a connection that $what is not kept for the next lease', async ({ does, sql }) => {
  const { leases } = await server.use({ sql });
  const first = await leases.take({ name: 'first' }, soon());
  await first.pool.query(does);
  expect(await leases.giveBack(first)).toMatchObject({ outcome: 'untouched' });

  const second = await leases.take({ name: 'second' }, soon());
  expect(second.details.database).toBe(first.details.database);
  expect((await second.pool.query(tenant)).rows).toEqual([{ tenant: null }]);
});
