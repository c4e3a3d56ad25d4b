import { describe, expect, test } from 'vitest';
import { upSection } from './up-section.ts';

/** Each tool's way of marking a section, and of asking for no transaction. */
const tools = {
  dbmate: { up: '-- migrate:up', down: '-- migrate:down', bare: '-- migrate:up transaction:false' },
  goose: { up: '-- +goose Up', down: '-- +goose Down', bare: '-- +goose NO TRANSACTION\n-- +goose up' },
  'sql-migrate': { up: '-- +migrate Up', down: '-- +migrate Down', bare: '-- +migrate Up notransaction' },
  'node-pg-migrate': {
    up: '-- Up Migration',
    down: '-- Down Migration',
    bare: '-- mayfly:no-transaction\n-- Up Migration',
  },
};

describe.each(Object.entries(tools))('of a file of %s', (_, { up, down, bare }) => {
  test('only the up section is left, with its line numbers', () => {
    const { sql, transaction } = upSection(`-- 😀 by hand\n\n${up}\nCREATE TABLE a ();\n${down}\nDROP TABLE a;\n`);

    expect(sql.split('\n').slice(2)).toEqual([up, 'CREATE TABLE a ();', '']);
    expect(sql).toMatch(/^\s+--/);
    expect(transaction).toBe(true);
  });

  test('the up section may come last', () => {
    const { sql } = upSection(`${down}\nDROP TABLE a;\n${up}\nCREATE TABLE a ();\n`);

    expect(sql.split('\n').slice(2)).toEqual([up, 'CREATE TABLE a ();', '']);
    expect(sql.trim()).toBe(`${up}\nCREATE TABLE a ();`);
  });

  test('all that follows the mark is left where there is no down section', () => {
    expect(upSection(`${up}\r\nCREATE TABLE a ();`).sql).toBe(`${up}\r\nCREATE TABLE a ();`);
  });

  test('the wish for no transaction is heard', () => {
    expect(upSection(`${bare}\nVACUUM;\n${down}\n`)).toMatchObject({ transaction: false });
  });
});

test.each([
  '-- Down migration: drop it\nCREATE TABLE a ();',
  '-- migrate:down\nCREATE TABLE a ();',
  'SELECT 1; -- migrate:up',
])('without a mark for the up section, all is run: %j', (text) => {
  expect(upSection(text)).toEqual({ sql: text, transaction: true });
});

test.each([
  ['-- mayfly:no-transaction\nVACUUM;', false],
  ['CREATE TABLE a ();\n  --mayfly:no-transaction\n', false],
  ["SELECT '-- mayfly:no-transaction';", true],
  ['-- migrate:up\nSELECT 1;\n-- migrate:down transaction:false', true],
])('of %j, transaction is %s', (text, transaction) => {
  expect(upSection(text).transaction).toBe(transaction);
});
