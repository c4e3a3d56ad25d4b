import pg from 'pg';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { PostgresLeases, ReturnedDatabase, TakenDatabase } from '../postgres-leases.ts';

const server = useLeaseServer(useOwnState());
const sql = `CREATE TABLE a (id serial PRIMARY KEY, n int UNIQUE); INSERT INTO a (n) VALUES (1);
  CREATE SEQUENCE s; CREATE TABLE later (n int REFERENCES a (n) DEFERRABLE INITIALLY DEFERRED)`;

let leases: PostgresLeases;
let taken: TakenDatabase;

beforeEach(async () => {
  ({ leases } = await server.open({ sql, mode: 'transaction' }));
  onTestFinished(() => leases.close());
  taken = await take();
});

describe('statements', () => {
  test.each([
    { what: 'a lone one stays', does: ['INSERT INTO a (n) VALUES (2)'], rows: [1, 2] },
    { what: 'what is committed stays', does: ['BEGIN', 'INSERT INTO a (n) VALUES (2)', 'COMMIT'], rows: [1, 2] },
    { what: 'what is rolled back does not', does: ['BEGIN', 'INSERT INTO a (n) VALUES (2)', 'ROLLBACK'], rows: [1] },
    {
      what: 'an inner transaction is rolled back alone',
      does: ['BEGIN', 'INSERT INTO a (n) VALUES (2)', 'BEGIN', 'INSERT INTO a (n) VALUES (3)', 'ROLLBACK', 'COMMIT'],
      rows: [1, 2],
    },
    {
      what: 'an outer transaction is rolled back with the inner one',
      does: ['BEGIN', 'BEGIN', 'INSERT INTO a (n) VALUES (3)', 'COMMIT', 'ROLLBACK'],
      rows: [1],
    },
    {
      what: 'savepoints of their own work as ever',
      does: ['BEGIN', 'SAVEPOINT mayfly', 'INSERT INTO a (n) VALUES (2)', 'ROLLBACK TO mayfly', 'COMMIT'],
      rows: [1],
    },
    {
      what: 'comments, case, semicolons and modes do not matter',
      does: [
        '/* app=web */ begin isolation level serializable, read write ;',
        'INSERT INTO a (n) VALUES (2)',
        '-- so be it\n Rollback Work;;',
      ],
      rows: [1],
    },
    {
      what: 'an end without a beginning is nothing',
      does: ['COMMIT', 'ROLLBACK', 'INSERT INTO a (n) VALUES (2)'],
      rows: [1, 2],
    },
    {
      what: 'several in one text are all carried out',
      does: ['INSERT INTO a (n) VALUES (2); INSERT INTO a (n) VALUES (3)'],
      rows: [1, 2, 3],
    },
  ])('$what', async ({ does, rows }) => {
    const client = await taken.pool.connect();
    for (const statement of does) {
      await client.query(statement);
    }
    client.release();

    expect(await numbers(taken)).toEqual(rows);
    expect(await giveBack()).toEqual({ outcome: 'rolled back', leftover: [] });
    expect(await numbers(await take())).toEqual([1]);
  });

  test('one that fails undoes itself alone', async () => {
    await taken.pool.query('INSERT INTO a (n) VALUES (2)');
    await expect(taken.pool.query('INSERT INTO a (n) VALUES (1)')).rejects.toThrow('duplicate key');
    await expect(taken.pool.query('nonsense')).rejects.toThrow('syntax error');
    await taken.pool.query('INSERT INTO a (n) VALUES ($1)', [3]);

    expect(await numbers(taken)).toEqual([1, 2, 3]);
  });

  test('one that fails within a transaction spoils that one, and no other', async () => {
    const client = await taken.pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO a (n) VALUES (2)');
    await expect(client.query('nonsense')).rejects.toThrow('syntax error');
    await expect(client.query('SELECT 1')).rejects.toThrow('current transaction is aborted');
    await client.query('COMMIT');
    client.release();

    expect(await numbers(taken)).toEqual([1]);
  });

  test('answer callbacks as well', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    taken.pool.query('SELECT $1::int AS n', [7], (_, result) => resolve(result.rows));

    expect(await promise).toEqual([{ n: 7 }]);
  });
});

describe('a transaction that is ended from within', () => {
  test.each([
    { what: 'a COMMIT among others', does: 'INSERT INTO a (n) VALUES (2); COMMIT' },
    { what: 'a text that begins with BEGIN and goes on', does: 'BEGIN; INSERT INTO a (n) VALUES (2); COMMIT' },
    { what: 'a ROLLBACK, and a write after it', does: 'SELECT 1; ROLLBACK; INSERT INTO a (n) VALUES (2)' },
    { what: 'a text that begins with ROLLBACK and goes on', does: 'ROLLBACK; INSERT INTO a (n) VALUES (2)' },
    { what: 'COMMIT AND CHAIN', does: 'SELECT 1; INSERT INTO a (n) VALUES (2); COMMIT AND CHAIN' },
  ])('by $what is noticed: all is carried out, and nothing reaches the next one', async ({ does }) => {
    const client = await taken.pool.connect();
    await client.query(does).catch(() => {});
    client.release();
    expect(await numbers(taken).catch(() => [1, 2])).toEqual([1, 2]);

    expect(await giveBack()).toEqual({ outcome: 'undone', leftover: [] });

    expect(await numbers(await take())).toEqual([1]);
  });

  test('goes on like any other session', async () => {
    await taken.pool.query('INSERT INTO a (n) VALUES (2); COMMIT');
    const client = await taken.pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO a (n) VALUES (3)');
    await client.query('ROLLBACK');
    client.release();

    expect(await numbers(taken)).toEqual([1, 2]);
  });
});

describe('the next one', () => {
  test('has its sequences from the start', async () => {
    await taken.pool.query(`SELECT nextval('s'), setval('a_id_seq', 99)`);
    await taken.pool.query('INSERT INTO a (n) VALUES (2)');
    await giveBack();
    const next = await take();

    const { rows } = await next.pool.query(`INSERT INTO a (n) VALUES (2) RETURNING id, nextval('s')::int AS s`);

    expect(rows).toEqual([{ id: 2, s: 1 }]);
  });

  test('has a session without memories', async () => {
    const client = await taken.pool.connect();
    for (const statement of [
      `SET search_path = nowhere`,
      `CREATE TEMP TABLE t ()`,
      `LISTEN channel`,
      `SELECT pg_advisory_lock(7)`,
      `PREPARE p AS SELECT 1`,
      `SELECT nextval('public.s')`,
    ]) {
      await client.query(statement);
    }
    client.on('notification', () => {});
    client.release();
    expect(await giveBack()).toMatchObject({ outcome: 'rolled back' });
    const { pool } = await take();

    expect((await pool.query('SHOW search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
    expect((await pool.query(`SELECT to_regclass('pg_temp.t') AS t`)).rows).toEqual([{ t: null }]);
    expect((await pool.query('SELECT pg_listening_channels()')).rows).toEqual([]);
    expect((await pool.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).rows).toEqual([]);
    expect((await pool.query('SELECT FROM pg_prepared_statements')).rows).toEqual([]);
    await expect(pool.query('SELECT lastval()')).rejects.toThrow('not yet defined');
  });

  test('may give a prepared statement the name that the last one gave to another', async () => {
    await taken.pool.query('ALTER TABLE a ADD COLUMN more int');
    await taken.pool.query({ name: 'all', text: 'SELECT * FROM a' });
    await giveBack();
    const { pool } = await take();

    expect((await pool.query({ name: 'all', text: 'SELECT n FROM a' })).rows).toEqual([{ n: 1 }]);
  });

  test('has the connection of the last one, without its listeners', async () => {
    const connection = 'SELECT pg_backend_pid() AS pid';
    const { rows } = await taken.pool.query(connection);
    for (let round = 0; round < 3; round += 1) {
      taken.pool.on('error', () => {});
      const client = await taken.pool.connect();
      client.on('error', () => {});
      client.on('notice', () => {});
      const counts = [taken.pool.listenerCount('error'), client.listenerCount('error'), client.listenerCount('notice')];
      client.release();
      expect(counts).toEqual([1, 2, 1]);
      await giveBack();
      taken = await take();
    }

    expect((await taken.pool.query(connection)).rows).toEqual(rows);
  });
});

test('a pool that is used after its lease says so', async () => {
  await giveBack();
  await take();

  await expect(taken.pool.query('SELECT 1')).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
  await expect(taken.pool.connect()).rejects.toMatchObject({ code: 'MAYFLY_LEASE_RELEASED' });
});

test('a pool that its test ends is there for the next one', async () => {
  await taken.pool.end();
  expect(await giveBack()).toMatchObject({ outcome: 'rolled back' });

  expect(await numbers(await take())).toEqual([1]);
});

test('a client that is not given back is taken away', async () => {
  const client = await taken.pool.connect();
  await client.query('INSERT INTO a (n) VALUES (2)');

  expect((await giveBack()).outcome).toBe('undone');

  expect(await numbers(await take())).toEqual([1]);
  await expect(client.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/);
});

test('a connection that is lost is made anew', async () => {
  await expect(taken.pool.query('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toThrow(
    'terminating connection',
  );

  expect((await giveBack()).outcome).toBe('untouched');

  expect(await numbers(await take())).toEqual([1]);
});

test('nobody else can connect meanwhile', async () => {
  const client = new pg.Client(taken.details.plainUrl);
  client.on('error', () => {});

  await expect(client.connect()).rejects.toThrow('too many connections');
});

async function take(): Promise<TakenDatabase> {
  return leases.take({ name: 'test' }, soon());
}

async function giveBack(): Promise<ReturnedDatabase> {
  return leases.giveBack(taken);
}

async function numbers({ pool }: TakenDatabase): Promise<number[]> {
  const { rows } = await pool.query<{ n: number }>('SELECT n FROM public.a ORDER BY n');
  return rows.map(({ n }) => n);
}
