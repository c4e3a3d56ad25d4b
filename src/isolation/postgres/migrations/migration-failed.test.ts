import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connect, useOwnServer } from '../../../../fixtures/migrations/own-databases.ts';
import { directoryWith } from '../../../../fixtures/migrations/own-directory.ts';
import type { MayflyError } from '../../../errors/mayfly-error.ts';
import { noRoomRemedy } from '../../../errors/no-room.ts';
import { applyMigrations } from './apply-migrations.ts';
import { readMigrations } from './read-migrations.ts';

const ownDatabase = useOwnServer();

/** The error of a migration after one that makes a table `a` with an n, with its directory left out of the message. */
async function failureOf(sql: string): Promise<MayflyError & { readonly shown: string }> {
  const directory = directoryWith({ '1.sql': 'CREATE TABLE a (n int UNIQUE);', '2.sql': sql });
  await using client = await connect((await ownDatabase()).url);
  const applying = applyMigrations(client, await readMigrations(directory), new AbortController().signal);
  const failure = await applying.then(
    () => undefined,
    (error: unknown) => error as MayflyError,
  );
  expect(failure).toMatchObject({ code: 'MAYFLY_MIGRATION_FAILED', service: 'postgres', phase: 'provision' });
  const message = failure?.message ?? '';
  expect(message).toContain(`${directory}/`);
  return Object.assign(failure!, { shown: message.replaceAll(`${directory}/`, '') });
}

test('a migration that is refused is named with its line and the words of the server', async () => {
  const { shown, cause } = await failureOf("SELECT '😀';\n\n  CREATE TABEL b ();\n");

  expect(shown).toBe(
    [
      'The migration 2.sql:3 failed: syntax error at or near "TABEL".',
      '  3 |   CREATE TABEL b ();',
      '    |          ^',
      'Correct the migration.',
    ].join('\n'),
  );
  expect(cause).toMatchObject({ code: '42601' });
});

test('detail and hint of the server are in the message', async () => {
  expect((await failureOf('INSERT INTO a VALUES (1), (1);')).shown).toContain(
    '\nDetail: Key (n)=(1) already exists.\n',
  );
  expect((await failureOf('SELECT frobnicate(1);')).shown).toContain('\nHint: No function matches');
  expect((await failureOf("DO $$\nBEGIN\nRAISE 'no luck';\nEND $$;")).shown).toContain('\nWhere: PL/pgSQL function');
});

describe('the line', () => {
  test.each([
    { what: 'after emoji, in characters', sql: "SELECT '😀😀😀😀😀😀😀😀😀😀';\n\nSELECT x;\n\n\n", line: 3 },
    {
      what: 'in the body of a function',
      sql: 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\nSELECT x;\n$$;',
      line: 3,
    },
    {
      what: 'after a section that is left out',
      sql: '-- migrate:down\nDROP TABLE a;\n-- migrate:up\nSELECT x;',
      line: 4,
    },
    { what: 'after Windows line ends', sql: 'SELECT 1;\r\nSELECT 2;\r\nSELECT x;', line: 3 },
    {
      what: 'of a statement whose error has no position',
      sql: 'SELECT 1;\n-- a; b\nSELECT 2;\n\n-- Again.\nCREATE TABLE a ();\nSELECT 3;',
      line: 6,
    },
    {
      what: 'of a constraint that fails at the end of the transaction',
      sql: 'CREATE TABLE b (n int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (1), (1);',
      line: 2,
    },
    { what: 'of a statement on its own', sql: '-- mayfly:no-transaction\nSELECT 1;\n/* 😀 */ SELECT\n  x;', line: 4 },
    {
      what: 'of a statement on its own without a position',
      sql: '-- mayfly:no-transaction\nSELECT 1;\n-- Again.\nCREATE TABLE a ();',
      line: 4,
    },
  ])('is the one $what', async ({ sql, line }) => {
    expect((await failureOf(sql)).shown).toMatch(
      new RegExp(`^The migration 2\\.sql:${line} failed: .*\\n  ${line} \\| `),
    );
  });

  test('is left out where the statement cannot be told', async () => {
    const atomic = 'CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC SELECT 1; SELECT 2; END;\nCREATE TABLE a ();';

    expect((await failureOf(atomic)).shown).toBe(
      'The migration 2.sql failed: relation "a" already exists. Correct the migration.',
    );
  });
});

test.each(['BEGIN; CREATE TABLE b ();', '-- mayfly:no-transaction\nBEGIN;\nSELECT 1;', 'SELECT 1; START TRANSACTION;'])(
  'a file that leaves a transaction open is refused: %j',
  async (sql) => {
    expect((await failureOf(sql)).shown).toBe(
      'The migration 2.sql left a transaction open. End it with COMMIT, or remove its BEGIN: a file runs in a transaction of its own.',
    );
  },
);

test('a file for which there is no room need not be corrected', async () => {
  const { shown } = await failureOf(`DO $$ BEGIN RAISE 'could not extend it' USING ERRCODE = 'disk_full'; END $$`);

  expect(shown).toMatch(/^The migration 2\.sql:1 failed: could not extend it\./);
  expect(shown).toContain(noRoomRemedy);
});

describe('a file that ends its own session', () => {
  const end = 'SELECT pg_terminate_backend(pg_backend_pid());';

  test.each([
    {
      what: 'is named with its line',
      sql: `SELECT 1;\n${end}\nSELECT 2;`,
      says: /^The migration 2\.sql:2 failed: terminating connection/,
    },
    { what: 'in its last statement is named', sql: `SELECT 1;\n${end}`, says: /^The migration 2\.sql(:2)? failed: / },
    {
      what: 'without a transaction is named',
      sql: `-- mayfly:no-transaction\nSELECT 1;\n${end}`,
      says: /^The migration 2\.sql(:3)? failed: /,
    },
  ])('$what', async ({ sql, says }) => {
    const { shown, remedy } = await failureOf(sql);

    expect(shown).toMatch(says);
    expect(remedy).toMatch(/^The session ended with it: remove what ends it/);
  });
});

test('a connection that has gone is said to have gone', async () => {
  const migrations = await readMigrations(directoryWith({ '1.sql': 'SELECT 1;' }));
  const client = await connect((await ownDatabase()).url);
  await client.end();

  await expect(applyMigrations(client, migrations, new AbortController().signal)).rejects.toMatchObject({
    code: 'MAYFLY_MIGRATION_FAILED',
    message: expect.stringMatching(/1\.sql:1 failed: Client was closed/),
    remedy: expect.stringMatching(/^The session ended with it/),
  });
});

describe('what only psql can do is called that', () => {
  const remedy = 'Make the dump with pg_dump --inserts, and remove the lines that begin with a backslash.';

  test.each([
    { what: 'a dump of 2025 or later', sql: '-- Dump\n\\restrict x7Fq\n\nSET a = 1;', line: 2 },
    { what: 'a command of psql later on', sql: "SELECT '\n\\set';\n  \\connect b\n", line: 3 },
    { what: 'rows after a COPY', sql: 'COPY public.a (n) FROM stdin;\n1\n2\n\\.\n', line: 2 },
    { what: 'rows after a COPY with options', sql: "COPY a FROM STDIN WITH (FORMAT csv);\n'1\n\\.\n", line: 2 },
    { what: 'a COPY without rows', sql: 'SELECT 1;\nCOPY a FROM stdin;\n', line: 2 },
    { what: 'a COPY on its own', sql: '-- mayfly:no-transaction\nCOPY a FROM stdin;\n1\n\\.\n', line: 2 },
  ])('$what', async ({ sql, line }) => {
    const failure = await failureOf(sql);

    expect(failure.shown).toMatch(new RegExp(`^The migration 2\\.sql:${line} failed: it has .*psql`));
    expect(failure.remedy).toBe(remedy);
  });

  test.each([
    "SELECT '\n\\restrict', $$\n\\connect $$, 1 +;",
    'SELECT 1 \\ 2;',
    '-- COPY a FROM stdin;\nCREAT TABLE b ();',
    'COPY a FROM stdin WITH (;',
    'COPY a TO stdout; SELECT 1 +;',
    'SELECT 1 AS copy FROM (SELECT 1) stdin;\nCREAT TABLE b ();',
    'SELECT -- COPY a FROM stdin;\n x;',
    "SELECT 'COPY a FROM stdin; ', 1 +;",
    'SET statement_timeout = 20;\nSELECT pg_sleep(60);',
  ])('but not what merely looks like it: %j', async (sql) => {
    const failure = await failureOf(sql);

    expect(failure.shown).not.toContain('psql');
    expect(failure.remedy).toBe('Correct the migration.');
  });
});

test.each([
  'SELECT 1;\nCREATE INDEX CONCURRENTLY a_n ON a (n);',
  "CREATE TYPE mood AS ENUM ('sad'); COMMIT; ALTER TYPE mood ADD VALUE 'glad'; SELECT 'glad'::mood;",
])('for what cannot be in a transaction the way out is given: %j', async (sql) => {
  expect((await failureOf(sql)).remedy).toMatch(/^Write "-- mayfly:no-transaction" into the file/);
});

test('a file is named by its whole path, to be opened from a terminal', async () => {
  const { message } = await failureOf('SELECT x;');
  const [, path = ''] = /^The migration (\/.*):1 failed/.exec(message) ?? [];

  expect(basename(path)).toBe('2.sql');
});
