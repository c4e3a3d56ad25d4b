import { describe, expect, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { LeaseProcess } from '../../../../fixtures/isolation/lease-process.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { runSql, soon } from '../../../../fixtures/isolation/lease-source.ts';

const server = useLeaseServer(useOwnState());

const templates = `SELECT coalesce(string_agg(datname, ','), '') FROM pg_database WHERE datname LIKE 'mayfly\\_template%'`;
const owners = `SELECT coalesce(string_agg(rolname, ','), '') FROM pg_roles WHERE rolname LIKE 'mayfly\\_template%'`;

describe('a template', () => {
  test('that fails halfway leaves no database and no role', async () => {
    const before = [await server.ask(templates), await server.ask(owners)];
    const build = async (): Promise<void> => {
      throw new Error('no luck');
    };

    await expect(server.open({ sql: 'CREATE TABLE halfway ()', build })).rejects.toThrow('no luck');

    expect([await server.ask(templates), await server.ask(owners)]).toEqual(before);
    const { leases } = await server.use({ sql: 'CREATE TABLE halfway ()' });
    const { pool } = await leases.take({ name: 'test' }, soon());
    expect((await pool.query('SELECT * FROM halfway')).rows).toEqual([]);
  });

  test('is built once for all that want the same', async () => {
    const builds: number[] = [];
    const all = await Promise.all(
      [1, 2, 3, 4].map((n) => server.use({ sql: 'CREATE TABLE once ()', build: async () => void builds.push(n) })),
    );

    expect(builds).toHaveLength(1);
    expect(new Set(all.map(({ plan }) => plan.template)).size).toBe(1);
  });

  test('is built by one of two processes, while the other waits', async () => {
    const options = { sql: 'CREATE TABLE two ()', session: 'a1' };
    await using first = new LeaseProcess(server.details, options);
    await using second = new LeaseProcess(server.details, { ...options, session: 'a2' });

    const events = [await first.next(), await second.next()].map((said) => said?.event);

    expect(new Set(events)).toEqual(new Set(['builds', 'holds']));
  });

  test('whose builder was killed is built anew', async () => {
    const options = { sql: 'CREATE TABLE killed (n int)', session: 'b1' };
    const builder = new LeaseProcess(server.details, options, 'hang while building');
    expect(await builder.next()).toEqual({ event: 'builds' });
    const built: string[] = [];
    const opening = server.use({
      ...options,
      session: 'b2',
      build: async ({ url }) => {
        await runSql(url, 'INSERT INTO killed VALUES (1)');
        built.push('again');
      },
    });
    expect(built).toEqual([]);
    await builder.kill();

    const { leases } = await opening;

    const { pool } = await leases.take({ name: 'test' }, soon());
    expect((await pool.query('SELECT * FROM killed')).rows).toEqual([{ n: 1 }]);
    expect(built).toEqual(['again']);
  });

  test('is sealed: nobody gets in, and its owner has no rights beyond it', async () => {
    const { plan } = await server.use({ sql: 'CREATE TABLE sealed ()' });

    expect(
      await server.ask(`SELECT datistemplate AND NOT datallowconn FROM pg_database WHERE datname = '${plan.template}'`),
    ).toBe(true);
    expect(await server.ask(`SELECT rolsuper OR rolcanlogin FROM pg_roles WHERE rolname = '${plan.template}'`)).toBe(
      false,
    );
  });

  test('keeps out what its build left behind and that still wants to write', async () => {
    const { leases } = await server.use({
      sql: 'CREATE TABLE disturbed (n int)',
      build: async ({ url }) => {
        await runSql(url, 'INSERT INTO disturbed VALUES (0)');
        const write = async (): Promise<void> => runSql(url, 'INSERT INTO disturbed VALUES (1)').then(write, () => {});
        void write();
      },
    });
    const first = await leases.take({ name: 'first' }, soon());
    const count = 'SELECT count(*)::int FROM disturbed';
    const { rows } = await first.pool.query(count);
    await first.pool.query('DELETE FROM disturbed');
    expect(await leases.giveBack(first)).toMatchObject({ outcome: 'undone' });

    const second = await leases.take({ name: 'second' }, soon());
    expect((await second.pool.query(count)).rows).toEqual(rows);
  });
});

test('a registry is made by one of several that find none', async () => {
  await runSql(server.details.url, 'DROP DATABASE mayfly WITH (FORCE)');

  const all = await Promise.allSettled(
    ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((session) => server.use({ session, sql: `SELECT '${session}'` })),
  );

  expect(all.filter(({ status }) => status === 'rejected')).toEqual([]);
});

test('names that need to be quoted are quoted', async () => {
  const session = `o"dd 'é`;
  const { leases } = await server.use({ session, sql: 'CREATE TABLE a (n int)' });
  const first = await leases.take({ name: `it's "me"; \n é` }, soon());
  await first.pool.query('INSERT INTO a VALUES (1)');
  await runSql(first.details.plainUrl, 'INSERT INTO a VALUES (2)');

  expect(first.details.database).toContain(session);
  expect(await leases.giveBack(first)).toEqual({ outcome: 'undone', leftover: [] });
  const second = await leases.take({ name: 'second' }, soon());
  expect(second.details.database).toBe(first.details.database);
  await second.pool.query('CREATE TABLE b ()');
  expect(await leases.giveBack(second)).toMatchObject({ outcome: 'structure changed' });
});
