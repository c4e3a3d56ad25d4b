import { expect, test } from 'mayfly/vitest';

test('a Redis of its own', async ({ redis }) => {
  await redis.set('seat:7', 'Ada', 'EX', 60);

  expect(await redis.keys('*')).toEqual(['seat:7']);
});
