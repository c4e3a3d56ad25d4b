import { describe, expect, test } from 'vitest';
import { backoff, retry } from './retry.ts';

const untroubled = new AbortController().signal;

describe('what fails', () => {
  test.each([1, 2, 5])(
    'is tried %i times when that is how often it may be, and the last error counts',
    async (attempts) => {
      const tried: number[] = [];

      const trying = retry({ attempts, delay: 0, maxDelay: 1 }, untroubled, async (attempt) => {
        tried.push(attempt);
        throw new Error(`no luck ${attempt}`);
      });

      await expect(trying).rejects.toThrow(`no luck ${attempts}`);
      expect(tried).toEqual(Array.from({ length: attempts }, (_, index) => index + 1));
    },
  );

  test('is not tried again once it has succeeded', async () => {
    const trying = retry({ attempts: 5, delay: 0, maxDelay: 1 }, untroubled, async (attempt) =>
      attempt === 3 ? attempt : Promise.reject(new Error('no luck')),
    );

    await expect(trying).resolves.toBe(3);
  });

  test('is not tried again for an asker who gave up meanwhile, and its own error counts', async () => {
    const asker = new AbortController();
    const tried: number[] = [];

    const trying = retry({ attempts: 5, delay: 60_000, maxDelay: 60_000 }, asker.signal, async (attempt) => {
      tried.push(attempt);
      asker.abort(new Error('changed my mind'));
      throw new Error('no luck');
    });

    await expect(trying).rejects.toThrow('no luck');
    expect(tried).toEqual([1]);
  });

  test('is not tried again when it is not a failure that passes, and its own error counts', async () => {
    const tried: number[] = [];
    const passing = new Error('starting up');
    const options = { attempts: 5, delay: 0, maxDelay: 1, retryIf: (error: unknown) => error === passing };

    const trying = retry(options, untroubled, async (attempt) => {
      tried.push(attempt);
      throw attempt === 1 ? passing : new Error('no luck');
    });

    await expect(trying).rejects.toThrow('no luck');
    expect(tried).toEqual([1, 2]);
  });

  test('is not waited for when the asker gives up before the next attempt', async () => {
    const asker = new AbortController();
    const failed = Promise.withResolvers<void>();

    const trying = retry({ attempts: 2, delay: 60_000, maxDelay: 60_000 }, asker.signal, async () => {
      failed.resolve();
      throw new Error('no luck');
    });
    await failed.promise;
    await new Promise(setImmediate);
    asker.abort(new Error('changed my mind'));

    await expect(trying).rejects.toThrow('changed my mind');
  });
});

describe('between two attempts is waited', () => {
  const table = [
    { delay: 50, maxDelay: 2_000, attempt: 1, longest: 50 },
    { delay: 50, maxDelay: 2_000, attempt: 2, longest: 100 },
    { delay: 50, maxDelay: 2_000, attempt: 6, longest: 1_600 },
    { delay: 50, maxDelay: 2_000, attempt: 7, longest: 2_000 },
    { delay: 50, maxDelay: 2_000, attempt: 5_000, longest: 2_000 },
    { delay: 500, maxDelay: 100, attempt: 1, longest: 100 },
    { delay: 0, maxDelay: 100, attempt: 1, longest: 0 },
    { delay: 0, maxDelay: 100, attempt: 5_000, longest: 0 },
    { delay: 50, maxDelay: 2_000, factor: 1, attempt: 5_000, longest: 50 },
    { delay: 50, maxDelay: 2_000, factor: 3, attempt: 3, longest: 450 },
  ];

  test.each(table)(
    'at most $longest ms after attempt $attempt, by $delay ms up to $maxDelay ms',
    ({ attempt, longest, ...options }) => {
      expect(backoff(options, attempt, () => 0)).toBe(longest);
    },
  );

  test.each(table)(
    'at least half of $longest ms after attempt $attempt, by $delay ms up to $maxDelay ms',
    ({ attempt, longest, ...options }) => {
      expect(backoff(options, attempt, () => 1)).toBe(longest / 2);
    },
  );

  test('a time that differs from one to the next', () => {
    const waits = Array.from({ length: 100 }, () => backoff({ delay: 50, maxDelay: 50 }, 1));

    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(waits.every((wait) => wait > 25 && wait <= 50)).toBe(true);
  });
});
