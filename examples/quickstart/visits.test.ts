import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, test } from 'vitest';

test('counts visits in Postgres and in Redis', async () => {
  const { postgres, redis } = inject('mayfly');
  const db = new pg.Client(postgres.url);
  const cache = new Redis(redis.url);
  await db.connect();
  await db.query('CREATE TABLE visits (page text PRIMARY KEY, count int NOT NULL)');
  await db.query("INSERT INTO visits VALUES ('/', 1)");
  const { rows } = await db.query('SELECT count FROM visits');
  expect(rows).toEqual([{ count: 1 }]);
  expect(await cache.incr('visits:/')).toBe(1);
  await db.end();
  await cache.quit();
});
