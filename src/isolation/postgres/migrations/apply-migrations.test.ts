import { getEventListeners } from 'node:events';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { connect, useOwnServer } from '../../../../fixtures/migrations/own-databases.ts';
import { directoryWith } from '../../../../fixtures/migrations/own-directory.ts';
import { applyMigrations } from './apply-migrations.ts';
import { readMigrations } from './read-migrations.ts';

const ownDatabase = useOwnServer();
const untroubled = new AbortController().signal;

async function apply(
  client: pg.Client,
  files: Readonly<Record<string, string>>,
  signal: AbortSignal = untroubled,
): Promise<void> {
  await applyMigrations(client, await readMigrations(directoryWith(files)), signal);
}

async function answer(client: pg.Client, question: string): Promise<unknown> {
  const { rows } = await client.query<unknown[]>({ text: question, rowMode: 'array' });
  return rows[0]?.[0];
}

async function hasTable(client: pg.Client, table: string): Promise<boolean> {
  return (await answer(client, `SELECT to_regclass('public.${table}') IS NOT NULL`)) === true;
}

describe('a file', () => {
  test('runs after those that come before it', async () => {
    await using client = await connect((await ownDatabase()).url);

    await apply(client, {
      '10.sql': 'INSERT INTO a VALUES (2);',
      '9.sql': 'CREATE TABLE a (n int); INSERT INTO a VALUES (1);',
    });

    expect(await answer(client, 'SELECT array_agg(n ORDER BY n) FROM a')).toEqual([1, 2]);
  });

  test('runs as a whole or not at all', async () => {
    await using client = await connect((await ownDatabase()).url);

    await expect(
      apply(client, { '1.sql': 'CREATE TABLE a ();', '2.sql': 'CREATE TABLE b (); SELECT 1/0;' }),
    ).rejects.toThrow('division by zero');

    expect([await hasTable(client, 'a'), await hasTable(client, 'b')]).toEqual([true, false]);
  });

  test.each([
    { what: 'is empty', sql: '' },
    { what: 'has nothing but comments', sql: '-- nothing yet\n/* really */;;' },
    { what: 'has an empty up section', sql: '-- migrate:up\n-- migrate:down\nDROP TABLE b;' },
    { what: 'ends its own transaction', sql: 'BEGIN; SELECT 1; COMMIT; SELECT 2;' },
    { what: 'ends one that it did not begin', sql: 'SELECT 1; COMMIT;' },
    { what: 'has statements that cannot be split', sql: "SELECT E'\\'; b', $$ /* ; $$ /* /* ; */ */;" },
  ])('may be one that $what', async ({ sql }) => {
    await using client = await connect((await ownDatabase()).url);

    await apply(client, { '1.sql': sql, '2.sql': 'CREATE TABLE a ();' });

    expect(await hasTable(client, 'a')).toBe(true);
  });

  test('of one statement may be one that no transaction can contain', async () => {
    await using client = await connect((await ownDatabase()).url);

    await apply(client, {
      '1.sql': 'CREATE TABLE a (n int);',
      '2.sql': '-- by itself\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n',
    });

    expect(await hasTable(client, 'a_n')).toBe(true);
  });
});

describe('a file that asks for no transaction', () => {
  test.each(['-- mayfly:no-transaction', '-- migrate:up transaction:false', '-- +goose NO TRANSACTION\n-- +goose Up'])(
    'with %j runs statement by statement',
    async (mark) => {
      await using client = await connect((await ownDatabase()).url);

      await apply(client, {
        '1.sql': "CREATE TABLE a (n int); CREATE TYPE mood AS ENUM ('sad');",
        '2.sql': `${mark}
          CREATE INDEX CONCURRENTLY a_n ON a (n);
          ALTER TYPE mood ADD VALUE 'glad; or so';
          -- A new value can be used when its transaction has ended.
          CREATE TABLE b (m mood DEFAULT 'glad; or so');
          DO $$ BEGIN INSERT INTO b DEFAULT VALUES; END $$;
          VACUUM a;`,
      });

      expect(await hasTable(client, 'a_n')).toBe(true);
      expect(await answer(client, 'SELECT m FROM b')).toBe('glad; or so');
    },
  );

  test('keeps what it had done when it fails', async () => {
    await using client = await connect((await ownDatabase()).url);

    await expect(
      apply(client, { '1.sql': '-- mayfly:no-transaction\nCREATE TABLE a ();\nSELECT 1/0;' }),
    ).rejects.toThrow('1.sql:3 failed: division by zero');

    expect(await hasTable(client, 'a')).toBe(true);
  });

  test('does not run what a comment within a comment contains', async () => {
    await using client = await connect((await ownDatabase()).url);
    const commented = '-- mayfly:no-transaction\n/* a /* b */ CREATE TABLE a (); */ SELECT 1;';

    await expect(apply(client, { '1.sql': commented })).rejects.toThrow('unterminated /* comment');

    expect(await hasTable(client, 'a')).toBe(false);
  });
});

test.each([
  { what: 'the search path', sql: "SELECT pg_catalog.set_config('search_path', '', false);" },
  { what: 'the role', sql: 'SET ROLE pg_monitor;' },
  { what: 'the session authorization', sql: 'CREATE ROLE bob; SET SESSION AUTHORIZATION bob;' },
  { what: 'row security and time-outs', sql: 'SET row_security = on; SET statement_timeout = 1;' },
  { what: 'read-only transactions', sql: 'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;' },
  { what: 'a temporary table', sql: 'CREATE TEMP TABLE a (n int);' },
  { what: 'a prepared statement', sql: 'PREPARE p AS SELECT 1;' },
  { what: 'a lock', sql: 'SELECT pg_advisory_lock(1); LISTEN a;' },
])('$what of one file are not those of the next', async ({ sql }) => {
  const database = await ownDatabase();
  await using client = await connect(database.url);

  await apply(client, {
    '1.sql': sql,
    '2.sql': 'CREATE TABLE a (); PREPARE p AS SELECT 2; SELECT pg_sleep(0.01);',
  });

  expect(await hasTable(client, 'a')).toBe(true);
  expect(await answer(client, "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'")).toBe(0);
  expect(await answer(client, 'SELECT tableowner::text FROM pg_tables WHERE tablename = $$a$$')).toBe(database.user);
  await client.query(`DROP ROLE IF EXISTS bob`);
});

describe('a signal', () => {
  test('that is never aborted is left without a listener', async () => {
    await using client = await connect((await ownDatabase()).url);
    const { signal } = new AbortController();

    await apply(client, { '1.sql': 'SELECT 1;' }, signal);

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that is aborted keeps every file from running', async () => {
    await using client = await connect((await ownDatabase()).url);
    const reason = new Error('changed my mind');

    await expect(apply(client, { '1.sql': 'CREATE TABLE a ();' }, AbortSignal.abort(reason))).rejects.toBe(reason);

    expect(await hasTable(client, 'a')).toBe(false);
  });

  test('ends the wait at once, and no further file runs', async () => {
    const { url } = await ownDatabase();
    await using client = await connect(url);
    await using other = await connect(url);
    await other.query('SELECT pg_advisory_lock(1)');
    await other.query('LISTEN begun');
    const begun = Promise.withResolvers<void>();
    other.on('notification', () => begun.resolve());
    const controller = new AbortController();
    const reason = new Error('changed my mind');

    const applying = apply(
      client,
      {
        '1.sql': 'NOTIFY begun;',
        '2.sql': 'SELECT pg_advisory_lock(1);',
        '3.sql': 'CREATE TABLE b ();',
      },
      controller.signal,
    );
    await begun.promise;
    controller.abort(reason);

    await expect(applying).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await other.query('SELECT pg_advisory_unlock(1)');
    // Each is queued behind what had been sent before it.
    for (const question of ['SELECT 1', 'SELECT 2', 'SELECT 3']) {
      await client.query(question);
    }
    expect(await hasTable(client, 'b')).toBe(false);
  });
});
