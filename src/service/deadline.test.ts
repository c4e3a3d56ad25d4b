import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';

const expired = (): Error => new Error('too late');
const never = new Promise<never>(() => {});
const minute = 60_000;
const untroubled = new AbortController().signal;
const fail = (): never => {
  throw new Error('no luck');
};

test('work that finishes in time gives its result, and its signal is left alone', async () => {
  const seen: AbortSignal[] = [];

  const result = await withDeadline({ ms: minute, signal: untroubled, expired }, async (signal) => {
    seen.push(signal);
    return 'result';
  });

  expect(result).toBe('result');
  expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
});

test.each([
  { what: 'rejects', work: async () => fail() },
  { what: 'throws at once', work: () => fail() },
])('work that $what ends the wait with its own error', async ({ work }) => {
  await expect(withDeadline({ ms: minute, signal: untroubled, expired }, work)).rejects.toThrow('no luck');
});

test('when the deadline passes the wait ends with its error, which the work finds in its signal', async () => {
  const reason = Promise.withResolvers<unknown>();

  const waiting = withDeadline({ ms: 2, signal: untroubled, expired }, (signal) => {
    signal.addEventListener('abort', () => reason.resolve(signal.reason));
    return never;
  });

  const error: unknown = await waiting.catch((thrown: unknown) => thrown);
  expect(error).toEqual(expired());
  expect(await reason.promise).toBe(error);
});

test('when the asker gives up the wait ends with the reason, which the work finds in its signal', async () => {
  const asker = new AbortController();
  const reason = new Error('changed my mind');
  const seen: unknown[] = [];

  const waiting = withDeadline({ ms: minute, signal: asker.signal, expired }, (signal) => {
    signal.addEventListener('abort', () => seen.push(signal.reason));
    return never;
  });
  asker.abort(reason);

  await expect(waiting).rejects.toBe(reason);
  expect(seen).toEqual([reason]);
});

test('for an asker who has given up no work is begun', async () => {
  const asker = new AbortController();
  const begun: string[] = [];
  asker.abort(new Error('changed my mind'));

  const waiting = withDeadline({ ms: minute, signal: asker.signal, expired }, async () => begun.push('work'));

  await expect(waiting).rejects.toThrow('changed my mind');
  expect(begun).toEqual([]);
});

test('work may fail unheard after the wait for it has ended', async () => {
  const work = Promise.withResolvers<string>();

  const waiting = withDeadline({ ms: 2, signal: untroubled, expired }, () => work.promise);
  await expect(waiting).rejects.toThrow('too late');
  work.reject(new Error('no luck'));

  await expect(work.promise).rejects.toThrow('no luck');
});

test.each([
  { ending: 'finished', ms: minute, work: async () => 'result' },
  { ending: 'failed', ms: minute, work: async () => fail() },
  { ending: 'passed its deadline', ms: 2, work: () => never },
  {
    ending: 'been given up',
    ms: minute,
    work: (_: AbortSignal, asker: AbortController) => {
      asker.abort(new Error('changed my mind'));
      return never;
    },
  },
])('work that has $ending leaves neither timer nor listener', async ({ ms, work }) => {
  const asker = new AbortController();
  const timers = countTimers();

  await withDeadline({ ms, signal: asker.signal, expired }, async (signal) => work(signal, asker)).catch(() => {});

  expect(countTimers()).toBe(timers);
  expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
