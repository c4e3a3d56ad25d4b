import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { dumpDatabase, type Dump } from '../../../../fixtures/isolation/dump-database.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { runSql, soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { PostgresLeases, TakenDatabase } from '../postgres-leases.ts';

const server = useLeaseServer(useOwnState(), { settings: { max_prepared_transactions: '5', autovacuum: 'off' } });
const sql = `CREATE TABLE a (id serial PRIMARY KEY, n int); INSERT INTO a (n) VALUES (1), (2);
  CREATE FUNCTION day(t timestamptz) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT t::date::text';
  SET TimeZone = 'Asia/Tokyo';
  CREATE TABLE made (at timestamptz, day text GENERATED ALWAYS AS (day(at)) STORED);
  INSERT INTO made VALUES ('2026-07-31 23:30:00Z');
  CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES`;

let leases: PostgresLeases;
let fresh: Dump;

beforeAll(async () => {
  ({ leases } = await server.open({ sql }));
  fresh = await dumpNext();
});

afterAll(() => leases.close());

describe('a test that', () => {
  test.each([
    { what: 'does nothing', does: 'SELECT 1', outcome: 'untouched' },
    { what: 'reads and locks', does: 'BEGIN; SELECT * FROM a FOR UPDATE; LOCK TABLE a; COMMIT', outcome: 'untouched' },
    { what: 'writes', does: 'INSERT INTO a (n) VALUES (3); UPDATE a SET n = 4', outcome: 'undone' },
    { what: 'takes back what it wrote', does: 'BEGIN; DELETE FROM a; ROLLBACK', outcome: 'undone' },
    { what: 'only vacuums', does: 'VACUUM a', outcome: 'undone' },
    { what: 'fills a sequence', does: `SELECT setval('a_id_seq', 2147483647)`, outcome: 'undone' },
    { what: 'fills a table', does: 'INSERT INTO a (n) SELECT g FROM generate_series(1, 9999) g', outcome: 'undone' },
    { what: 'says nothing in rows', does: 'INSERT INTO nothing DEFAULT VALUES', outcome: 'too much written' },
    { what: 'spoils what cannot be made again', does: 'DELETE FROM made', outcome: 'too much written' },
    { what: 'drops the public schema', does: 'DROP SCHEMA public CASCADE', outcome: 'structure changed' },
    {
      what: 'drops a sequence',
      does: 'ALTER TABLE a ALTER id DROP DEFAULT; DROP SEQUENCE a_id_seq',
      outcome: 'structure changed',
    },
    { what: 'takes back a table', does: 'BEGIN; CREATE TABLE b (); ROLLBACK', outcome: 'structure changed' },
    { what: 'stores a large object', does: `SELECT lo_from_bytea(0, 'x')`, outcome: 'structure changed' },
    { what: 'uses a temporary table', does: 'CREATE TEMP TABLE t (n int)', outcome: 'structure changed' },
    {
      what: 'names things like those of the server, and puts them first',
      does: `CREATE TABLE pg_stat_activity (pid int); CREATE FUNCTION md5(text) RETURNS text LANGUAGE sql AS 'SELECT ''''';
        ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog`,
      outcome: 'settings changed',
    },
    {
      what: 'changes a setting of its own',
      does: 'ALTER ROLE CURRENT_USER SET work_mem = 64',
      outcome: 'settings changed',
    },
    { what: 'describes its database', does: `COMMENT ON DATABASE it IS 'mine'`, outcome: 'settings changed' },
    { what: 'lets everybody in', does: 'GRANT ALL ON DATABASE it TO PUBLIC', outcome: 'settings changed' },
    { what: 'makes its database a template', does: 'ALTER DATABASE it IS_TEMPLATE true', outcome: 'settings changed' },
    { what: 'changes its password', does: `ALTER ROLE CURRENT_USER PASSWORD 'x'`, outcome: 'untouched' },
    { what: 'raises its limit', does: 'ALTER DATABASE it CONNECTION LIMIT 99', outcome: 'untouched' },
    {
      what: 'leaves a prepared transaction',
      does: `BEGIN; INSERT INTO a (n) VALUES (5); PREPARE TRANSACTION 'one'`,
      outcome: 'settings changed',
    },
    {
      what: 'leaves a prepared transaction that locks what is looked at',
      does: `BEGIN; ALTER SEQUENCE a_id_seq RESTART; PREPARE TRANSACTION 'two'`,
      outcome: 'settings changed',
    },
    {
      what: 'leaves a prepared transaction that changes its database',
      does: `BEGIN; ALTER DATABASE it CONNECTION LIMIT 7; PREPARE TRANSACTION 'five'`,
      outcome: 'lost',
    },
    {
      what: 'leaves a prepared transaction that changes its user',
      does: `BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'x'; PREPARE TRANSACTION 'six'`,
      outcome: 'lost',
    },
    {
      what: 'ends a prepared transaction',
      does: `BEGIN; INSERT INTO a (n) VALUES (5); PREPARE TRANSACTION 'three'; COMMIT PREPARED 'three'`,
      outcome: 'undone',
    },
  ])('$what: the next one gets what equals a fresh copy', async ({ does, outcome }) => {
    const taken = await leases.take({ name: 'test' }, soon());
    await run(taken, does);

    const returned = await leases.giveBack(taken);

    expect(returned.outcome).toMatch(outcome);
    expect(returned.leftover).toEqual([]);
    expect(await dumpNext()).toEqual(fresh);
  });

  test.each([
    { what: 'a transaction', does: 'BEGIN; INSERT INTO a (n) VALUES (3)', outcome: 'undone' },
    {
      what: 'a transaction that locks',
      does: 'BEGIN; LOCK TABLE a; ALTER SEQUENCE a_id_seq RESTART',
      outcome: 'structure changed',
    },
    {
      what: 'a transaction that changes its database and its user',
      does: `BEGIN; ALTER DATABASE it CONNECTION LIMIT 7; ALTER ROLE CURRENT_USER PASSWORD 'x'`,
      outcome: 'untouched',
    },
    { what: 'an advisory lock', does: 'SELECT pg_advisory_lock(1)', outcome: 'untouched' },
    { what: 'a subscription to notifications', does: 'LISTEN a', outcome: 'untouched' },
    { what: 'a cursor', does: 'BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT * FROM a; COMMIT', outcome: 'untouched' },
    { what: 'a temporary table', does: 'CREATE TEMP TABLE t (n int)', outcome: 'structure changed' },
  ])('leaves $what open is told who did, and the next one has nothing of it', async ({ does, outcome }) => {
    const taken = await leases.take({ name: 'test' }, soon());
    const { plainUrl } = taken.details;
    const forgotten = new pg.Client({ connectionString: plainUrl, application_name: 'forgetful "app"' });
    forgotten.on('error', () => {});
    await forgotten.connect();
    onTestFinished(() => forgotten.end());
    await forgotten.query(does.replaceAll(/\bit\b/g, taken.details.database));

    expect(await leases.giveBack(taken)).toEqual({ outcome, leftover: ['forgetful "app"'] });

    expect(await dumpNext()).toEqual(fresh);
    await expect(forgotten.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/);
  });

  test('leaves a client checked out is told so', async () => {
    const taken = await leases.take({ name: 'my test' }, soon());
    const client = await taken.pool.connect();
    await client.query('BEGIN; INSERT INTO a (n) VALUES (3)');

    expect(await leases.giveBack(taken)).toEqual({ outcome: 'undone', leftover: ['my test'] });

    expect(await dumpNext()).toEqual(fresh);
  });

  test('ends its pool itself gives its database back like any other', async () => {
    const taken = await leases.take({ name: 'test' }, soon());
    await taken.pool.query('INSERT INTO a (n) VALUES (3)');
    await taken.pool.end();

    expect(await leases.giveBack(taken)).toMatchObject({ outcome: 'undone' });
  });

  test('ends all sessions of its database does not end this process', async () => {
    const taken = await leases.take({ name: 'test' }, soon());
    const idle = await taken.pool.connect();
    idle.release();
    await runSql(
      taken.details.plainUrl,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()',
    );

    await leases.giveBack(taken);

    expect(await dumpNext()).toEqual(fresh);
  });

  test('lets nobody in', async () => {
    const taken = await leases.take({ name: 'test' }, soon());
    const elsewhere = new URL(taken.details.plainUrl);
    elsewhere.pathname = '/postgres';
    await run(taken, `BEGIN; INSERT INTO a (n) VALUES (5); PREPARE TRANSACTION 'four'`);
    await runSql(elsewhere.href, `ALTER DATABASE "${taken.details.database}" ALLOW_CONNECTIONS false`);

    expect((await leases.giveBack(taken)).outcome).toMatch(/settings changed|lost/);

    expect(await dumpNext()).toEqual(fresh);
  });

  test('drops its database', async () => {
    const taken = await leases.take({ name: 'test' }, soon());
    const elsewhere = new URL(taken.details.plainUrl);
    elsewhere.pathname = '/postgres';
    // Where Mayfly is still connected to it, its user may not end that session.
    await runSql(
      server.details.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${taken.details.database}'`,
    );
    await runSql(elsewhere.href, `DROP DATABASE "${taken.details.database}" WITH (FORCE)`);

    expect(await leases.giveBack(taken)).toMatchObject({ outcome: 'lost' });

    expect(await dumpNext()).toEqual(fresh);
  });
});

async function run({ details, pool }: TakenDatabase, does: string): Promise<void> {
  // One by one: some cannot be in the transaction that several would be in.
  const statements = does.replaceAll(/\bit\b/g, details.database).split(/;\s/);
  const client = await pool.connect();
  for (const statement of statements) {
    await client.query(statement);
  }
  client.release();
}

async function dumpNext(): Promise<Dump> {
  const next = await leases.take({ name: 'next' }, soon());
  try {
    return await dumpDatabase(server.details, next.details.database);
  } finally {
    await leases.giveBack(next);
  }
}
