import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';

test('runs on a real Redis', async () => {
  const cache = new Redis(inject('mayfly').redis.url);
  await cache.set('greeting', 'hello', 'EX', 60);
  expect(await cache.get('greeting')).toBe('hello');
  await cache.quit();
});
