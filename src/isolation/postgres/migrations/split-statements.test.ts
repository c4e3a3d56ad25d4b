import { expect, test } from 'vitest';
import { isSplitReliably, splitStatements } from './split-statements.ts';

test.each([
  { what: 'strings', sql: "SELECT 'it''s;'; SELECT 2", pieces: ["SELECT 'it''s;'", 'SELECT 2'] },
  { what: 'names', sql: 'SELECT 1 AS "a;""b"; SELECT 2', pieces: ['SELECT 1 AS "a;""b"', 'SELECT 2'] },
  {
    what: 'dollar quotes',
    sql: 'DO $$ a; $x$ b; $x$ $$; DO $t$ $$; $t$;',
    pieces: ['DO $$ a; $x$ b; $x$ $$', 'DO $t$ $$; $t$'],
  },
  {
    what: 'comments',
    sql: 'SELECT 1 -- a;\n, /* b; */ 2; SELECT 3',
    pieces: ['SELECT 1 -- a;\n, /* b; */ 2', 'SELECT 3'],
  },
  { what: 'characters of two units', sql: "SELECT '😀;'; SELECT 2", pieces: ["SELECT '😀;'", 'SELECT 2'] },
])('semicolons in $what end no statement', ({ sql, pieces }) => {
  const statements = splitStatements(sql);

  expect(statements.map((statement) => statement.sql.trim())).toEqual(pieces);
  expect(statements.map(({ firstWord }, index) => sql.startsWith(pieces[index]!, firstWord))).toEqual([true, true]);
  expect(statements.every((statement) => sql.startsWith(statement.sql, statement.offset))).toBe(true);
  expect(isSplitReliably(sql)).toBe(true);
});

test('comments alone, and nothing at all, are no statement', () => {
  expect(splitStatements('-- a\n;; /* b */ ;\nSELECT 1;\n-- the end\n')).toHaveLength(1);
  expect(splitStatements('  \n-- a')).toEqual([]);
  expect(splitStatements('')).toEqual([]);
});

test('a comment before a statement stays with it', () => {
  const [statement] = splitStatements('\n-- a\nSELECT 1;');

  expect(statement).toEqual({ sql: '\n-- a\nSELECT 1', offset: 0, firstWord: 6 });
});

test.each([
  "SELECT E'\\'; b'",
  '/* a /* b */ DROP TABLE c; */',
  'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END',
  'CREATE OR REPLACE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2)',
  'SELECT a$b$c; SELECT a$b$c',
])('it is known that this may be split in the wrong places: %s', (sql) => {
  expect(isSplitReliably(sql)).toBe(false);
});
