import pg from 'pg';
import { expect, test } from 'vitest';

test('runs on a real Postgres', async () => {
  const db = new pg.Client(process.env.DATABASE_URL);
  await db.connect();
  const { rows } = await db.query('SELECT 1 + 1 AS two');
  expect(rows).toEqual([{ two: 2 }]);
  await db.end();
});
