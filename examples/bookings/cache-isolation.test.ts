import { expect, test } from './test-context.ts';

test('two tenants have different things under one name', async ({ cache, tenants: { a, b } }) => {
  await cache.remember(a.id, 'greeting', async () => 'Ahoy');
  await cache.remember(b.id, 'greeting', async () => 'Servus');

  expect(await cache.remember(a.id, 'greeting', neverCalled)).toBe('Ahoy');
  expect(await cache.remember(b.id, 'greeting', neverCalled)).toBe('Servus');
});

test('what one tenant forgets the other still knows', async ({ cache, tenants: { a, b } }) => {
  await cache.remember(a.id, 'greeting', async () => 'Ahoy');
  await cache.remember(b.id, 'greeting', async () => 'Servus');

  await cache.forget(a.id);

  expect(await cache.remember(a.id, 'greeting', async () => 'Moin')).toBe('Moin');
  expect(await cache.remember(b.id, 'greeting', neverCalled)).toBe('Servus');
});

test('what was loaded before something changed is not cached after', async ({ cache, tenants: { a } }) => {
  const loaded = await cache.remember(a.id, 'price', async () => {
    await cache.forget(a.id);
    return 'of yesterday';
  });

  expect(loaded).toBe('of yesterday');
  expect(await cache.remember(a.id, 'price', async () => 'of today')).toBe('of today');
});

test('every key says whose it is, and lapses if it holds a value', async ({ cache, redis, tenants: { a } }) => {
  await cache.remember(a.id, 'greeting', async () => 'Ahoy');

  const keys = await redis.keys(`tenant:${a.id}:*`);
  expect(keys).toEqual([`tenant:${a.id}:0:greeting`]);
  expect(await redis.ttl(keys[0]!)).toBeGreaterThan(0);
});

async function neverCalled(): Promise<string> {
  throw new Error('It was not in the cache.');
}
