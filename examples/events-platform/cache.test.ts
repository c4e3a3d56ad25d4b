import { describe } from 'vitest';
import { Cache } from './cache.ts';
import { expect, test as base } from './test-context.ts';

const test = base.extend('cache', ({ redis }) => new Cache(redis));

describe.for(['one test', 'the next'])('%s', () => {
  test('finds nothing that it did not write itself', async ({ cache, redis }) => {
    expect(await redis.dbsize()).toBe(0);

    await cache.set('greeting', { text: 'Ahoy' });

    expect(await cache.get('greeting')).toEqual({ text: 'Ahoy' });
    expect(await redis.dbsize()).toBe(1);
  });
});

test('what is forgotten is loaded again', async ({ cache }) => {
  expect(await cache.remember('price', async () => 3)).toBe(3);
  expect(await cache.remember('price', async () => 4)).toBe(3);

  await cache.forget('price');

  expect(await cache.get('price')).toBeUndefined();
  expect(await cache.remember('price', async () => 4)).toBe(4);
});

test('everything lapses', async ({ cache, redis }) => {
  await cache.set('greeting', 'Ahoy');

  const left = await redis.ttl('cache:greeting');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(60);
});

test('what has lapsed is not there any more', async ({ redis }) => {
  const cache = new Cache(redis, 1);
  await cache.set('greeting', 'Ahoy');

  await expect.poll(async () => cache.get('greeting')).toBeUndefined();
});
