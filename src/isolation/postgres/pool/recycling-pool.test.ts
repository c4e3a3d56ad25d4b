import pg, { type PoolClient } from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { PostgresLeases, TakenDatabase } from '../postgres-leases.ts';

const server = useLeaseServer(useOwnState());

const sql = 'CREATE TABLE seat (number int PRIMARY KEY); CREATE SEQUENCE ticket';
const whoAmI = 'SELECT pg_backend_pid() AS pid';

describe('the connection of a lease', () => {
  test('is that of the lease before it in the same process, as good as new', async () => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const pid = await pidOf(first);
    await first.pool.query(`SET search_path = public, pg_temp; SET work_mem = '1MB'`);
    await first.pool.query('LISTEN news; SELECT pg_advisory_lock(7)');
    await first.pool.query('PREPARE found AS SELECT 1');
    await first.pool.query(`SELECT nextval('ticket')`);
    await leases.giveBack(first);

    const second = await take(leases, 'second');
    expect(await pidOf(second)).toBe(pid);
    expect((await second.pool.query('SHOW search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
    expect((await second.pool.query('SELECT current_user = session_user AS own, current_user')).rows).toEqual([
      { own: true, current_user: second.details.user },
    ]);
    expect((await second.pool.query('SELECT pg_listening_channels()')).rows).toEqual([]);
    expect((await second.pool.query(`SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'`)).rows).toEqual([
      { count: 0 },
    ]);
    expect((await second.pool.query('SELECT name FROM pg_prepared_statements')).rows).toEqual([]);
    await expect(second.pool.query(`SELECT currval('ticket')`)).rejects.toThrow(/not yet defined/);
    expect((await second.pool.query('SHOW application_name')).rows).toEqual([{ application_name: 'second' }]);
  });

  test('shows what was written on it to whoever looks whether anything was', async () => {
    const { leases } = await server.use({ sql });
    const outcomes: string[] = [];
    for (const statement of ['SELECT 1', 'INSERT INTO seat VALUES (1)', 'SELECT 1', 'CREATE TABLE more ()']) {
      const taken = await take(leases, statement);
      await taken.pool.query(statement);
      outcomes.push((await leases.giveBack(taken)).outcome);
    }
    expect(outcomes).toEqual(['untouched', 'undone', 'untouched', 'structure changed']);
  });

  test.each([
    { what: 'a setting of its own', does: 'SET app.tenant = 7' },
    { what: 'a setting made by a function', does: `SELECT set_config('app.tenant', '7', true)` },
    { what: 'the state of random()', does: 'SELECT setseed(0.5)' },
    { what: 'a block of code', does: `DO $$ BEGIN PERFORM 1; END $$` },
  ])('is a new one after $what', async ({ does }) => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const pid = await pidOf(first);
    await first.pool.query(does);
    await leases.giveBack(first);

    const second = await take(leases, 'second');
    expect(await pidOf(second)).not.toBe(pid);
    expect((await second.pool.query(`SELECT current_setting('app.tenant', true) AS tenant`)).rows).toEqual([
      { tenant: null },
    ]);
  });

  test('is a new one after a statement that was prepared by name, an own type or a transaction left open', async () => {
    const { leases } = await server.use({ sql });
    const pids: number[] = [];
    const does: ((client: PoolClient) => unknown)[] = [
      (client: PoolClient) => client.query({ name: 'found', text: 'SELECT 1' }),
      (client: PoolClient) => client.setTypeParser(pg.types.builtins.INT4, () => 'a number'),
      (client: PoolClient) => client.query('BEGIN'),
      () => {},
    ];
    for (const act of does) {
      const taken = await take(leases, 'test');
      const client = await taken.pool.connect();
      pids.push((await client.query<{ pid: number }>(whoAmI)).rows[0]?.pid ?? 0);
      await act(client);
      client.release();
      await leases.giveBack(taken);
    }
    expect(new Set(pids).size).toBe(4);
  });

  test('is refused to whoever held on to it after the release', async () => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const client = await first.pool.connect();
    client.release();
    const heard: unknown[] = [];
    client.on('notification', (message) => heard.push(message));
    await leases.giveBack(first);
    const second = await take(leases, 'second');
    await second.pool.query('LISTEN news');

    await expect(client.query('INSERT INTO seat VALUES (1)')).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
    await expect(first.pool.query('SELECT 1')).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
    await second.pool.query('NOTIFY news');
    expect((await second.pool.query('SELECT count(*)::int FROM seat')).rows).toEqual([{ count: 0 }]);
    expect(heard).toEqual([]);
  });

  test.each([
    { what: 'its query was put in place of another', does: (client: PoolClient) => vi.spyOn(client, 'query') },
    { what: 'it was told to be binary', does: (client: PoolClient) => Object.assign(client, { binary: true }) },
    {
      what: 'somebody has left a query on it',
      does: (client: PoolClient) => void client.query('SELECT pg_sleep(3)').catch(() => {}),
    },
  ])('is a new one where $what', async ({ does }) => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const client = await first.pool.connect();
    const { rows } = await client.query<{ pid: number }>(whoAmI);
    does(client);
    client.release();
    await leases.giveBack(first);

    const second = await take(leases, 'second');
    expect(await pidOf(second)).not.toBe(rows[0]?.pid);
  });

  test('is kept after an upsert', async () => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const pid = await pidOf(first);
    await first.pool.query('INSERT INTO seat VALUES (1) ON CONFLICT DO NOTHING');
    await leases.giveBack(first);

    expect(await pidOf(await take(leases, 'second'))).toBe(pid);
  });

  test('is a new one where that which was kept has been lost', async () => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const pid = await pidOf(first);
    await leases.giveBack(first);
    await server.ask(`SELECT pg_terminate_backend(${pid})`);
    await expect.poll(() => server.ask(`SELECT count(*)::int FROM pg_stat_activity WHERE pid = ${pid}`)).toBe(0);

    const second = await take(leases, 'second');
    expect(await pidOf(second)).not.toBe(pid);
  });

  test('goes with the leases of its process', async () => {
    const { leases } = await server.use({ sql });
    const first = await take(leases, 'first');
    const pid = await pidOf(first);
    await leases.giveBack(first);

    await leases.close();

    await expect.poll(() => server.ask(`SELECT count(*)::int FROM pg_stat_activity WHERE pid = ${pid}`)).toBe(0);
  });
});

async function take(leases: PostgresLeases, name: string): Promise<TakenDatabase> {
  return leases.take({ name }, soon());
}

async function pidOf({ pool }: TakenDatabase): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(whoAmI);
  return rows[0]?.pid ?? 0;
}
