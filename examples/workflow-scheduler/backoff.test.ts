import { expect, test } from 'vitest';
import { delayAfter } from './backoff.ts';

const policy = { base: 1_000, max: 60_000 };
const attempts = [1, 2, 3, 4, 5, 6, 7, 8];

test('each wait is twice the one before, up to the longest', () => {
  const delays = attempts.map((attempt) => delayAfter(attempt, { ...policy, random: () => 1 }));

  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('chance takes away half of it at the most', () => {
  const delays = attempts.map((attempt) => delayAfter(attempt, { ...policy, random: () => 0 }));

  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('those who failed together do not come back together', () => {
  const delays = Array.from({ length: 100 }, (_, index) => delayAfter(5, { ...policy, random: () => index / 100 }));

  expect(new Set(delays).size).toBe(100);
});

test('after any number of attempts it is a wait that a timer can be set to', () => {
  expect(delayAfter(10_000, { ...policy, random: () => 1 })).toBe(60_000);
});
