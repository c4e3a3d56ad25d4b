import { Redis } from 'ioredis';
import { expect, test } from 'vitest';

test('runs on a real Redis', async () => {
  const cache = new Redis(process.env.REDIS_URL!);
  await cache.set('greeting', 'hello', 'EX', 60);
  expect(await cache.get('greeting')).toBe('hello');
  await cache.quit();
});
