import { expect, test } from 'vitest';
import { runSchedule } from './schedule.ts';

const order = ['a', 'b', 'c'];
const chain = (name: string): readonly string[] => ({ b: ['a'], c: ['b'] })[name] ?? [];
const free = (): readonly string[] => [];

test('each name is run once, after those before it', async () => {
  const run: string[] = [];

  await runSchedule({ order: order.toReversed(), after: chain, concurrency: Infinity }, async (name) => {
    run.push(name);
  });

  expect(run).toEqual(order);
});

test('what is not among the names is not waited for', async () => {
  const run: string[] = [];

  await runSchedule({ order: ['c'], after: chain, concurrency: 1 }, async (name) => void run.push(name));

  expect(run).toEqual(['c']);
});

test('when one fails nothing further is begun, and those under way are awaited', async () => {
  const run: string[] = [];
  const failed = Promise.withResolvers<void>();

  const running = runSchedule({ order, after: free, concurrency: 2 }, async (name) => {
    run.push(`${name} begins`);
    if (name === 'a') {
      failed.resolve();
      throw new Error('no luck');
    }
    await failed.promise;
    await new Promise(setImmediate);
    run.push(`${name} ends`);
  });

  await expect(running).rejects.toThrow('no luck');
  expect(run).toEqual(['a begins', 'b begins', 'b ends']);
});

test('the first of several failures is thrown', async () => {
  const running = runSchedule({ order, after: free, concurrency: Infinity }, async (name) => {
    if (name === 'a') {
      await new Promise(setImmediate);
    }
    throw new Error(name);
  });

  await expect(running).rejects.toThrow('b');
});
