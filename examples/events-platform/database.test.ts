import { describe, inject } from 'vitest';
import { expect, test } from './test-context.ts';
import { transaction } from './transaction.ts';

describe.for(['one test', 'the next'])('%s', () => {
  test('has the tables, and nothing in them', async ({ pg }) => {
    const { rows } = await pg.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
    );
    expect(rows.map(({ table_name }) => table_name)).toEqual(['event', 'form', 'submission']);

    await pg.query("INSERT INTO event (aggregate, sequence, type, payload) VALUES ('door:1', 1, 'door.opened', '{}')");
    expect((await pg.query('SELECT sequence FROM event')).rows).toEqual([{ sequence: 1 }]);
  });
});

test('it is a database of its own, which the URL names', async ({ databaseUrl, pg }) => {
  const { rows } = await pg.query<{ name: string }>('SELECT current_database() AS name');

  expect(new URL(databaseUrl).pathname).toBe(`/${rows[0]?.name}`);
  expect(rows[0]?.name).not.toBe(inject('mayfly').postgres.database);
});

test('a transaction is written as a whole', async ({ pg }) => {
  const last = await transaction(pg, async (tx) => {
    await tx.query("INSERT INTO event (aggregate, sequence, type, payload) VALUES ('door:1', 1, 'door.opened', '{}')");
    await tx.query("INSERT INTO event (aggregate, sequence, type, payload) VALUES ('door:1', 2, 'door.closed', '{}')");
    return 'door.closed';
  });

  expect((await pg.query('SELECT type FROM event WHERE sequence = 2')).rows).toEqual([{ type: last }]);
});

test('a transaction that fails leaves nothing, and its connection to others', async ({ pg }) => {
  const failing = transaction(pg, async (tx) => {
    await tx.query("INSERT INTO event (aggregate, sequence, type, payload) VALUES ('door:1', 1, 'door.opened', '{}')");
    throw new Error('The door is stuck.');
  });

  await expect(failing).rejects.toThrow('The door is stuck.');
  expect((await pg.query('SELECT FROM event')).rowCount).toBe(0);
  expect(pg.idleCount).toBe(pg.totalCount);
});
