import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectNoTimersLeft } from '../../../fixtures/harness/timers.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import type { RetryRecord } from './attempts-made.ts';
import { retry, type RetryOptions } from './retry.ts';

const fail = (): never => {
  throw new Error('no luck.');
};

test('work that succeeds is done once, and the record says so', async () => {
  const records: RetryRecord[] = [];

  await expect(retry(() => 'mail', { record: (record) => records.push(record) })).resolves.toBe('mail');

  expect(records).toEqual([{ name: 'the work', attempts: 1, waited: 0, outcome: 'succeeded', failures: [] }]);
});

test('work that fails at first is done until it succeeds, and the record says how often and why', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), async (needed, attempts) => {
      const records: RetryRecord[] = [];
      const numbers: number[] = [];

      const trying = retry(
        async ({ number }) => {
          numbers.push(number);
          return number < needed ? fail() : number;
        },
        { name: 'the mailbox', attempts, delay: 0, record: (record) => records.push(record) },
      );
      const outcome: unknown = await trying.catch((error: unknown) => (isMayflyError(error) ? error.code : error));

      const made = Math.min(needed, attempts);
      const succeeded = needed <= attempts;
      expect(outcome).toBe(succeeded ? needed : 'MAYFLY_RETRIES_EXHAUSTED');
      expect(numbers).toEqual(Array.from({ length: made }, (_, index) => index + 1));
      expect(records).toEqual([
        {
          name: 'the mailbox',
          attempts: made,
          waited: expect.any(Number),
          outcome: succeeded ? 'succeeded' : 'failed',
          failures: Array(succeeded ? made - 1 : made).fill('no luck'),
        },
      ]);
    }),
    { numRuns: 40 },
  );
});

test('what was waited between attempts is in the record', async () => {
  const records: RetryRecord[] = [];

  await retry(({ number }) => (number === 1 ? fail() : number), {
    delay: 40,
    record: (record) => records.push(record),
  });

  expect(records[0]?.waited).toBeGreaterThan(0);
});

describe('work that never succeeds', () => {
  test('ends with why each attempt failed', async () => {
    const options = { name: 'the mailbox', attempts: 3, delay: 1 };

    await expect(retry(({ number }) => Promise.reject(new Error(`no luck ${number}.`)), options)).rejects.toMatchObject(
      {
        code: 'MAYFLY_RETRIES_EXHAUSTED',
        message: [
          'The mailbox did not succeed, in 3 attempts:',
          '  | 1: no luck 1',
          '  | 2: no luck 2',
          '  | 3: no luck 3',
          'Mend the cause; if it passes by itself, give more `attempts` or `timeout`.',
        ].join('\n'),
        cause: new Error('no luck 3.'),
      },
    );
  });

  test('and never ends is given up in time, and finds that in its signal', async () => {
    const reason = Promise.withResolvers<unknown>();
    const records: RetryRecord[] = [];

    const trying = retry(
      ({ signal }) => {
        signal.addEventListener('abort', () => reason.resolve(signal.reason));
        return new Promise<never>(() => {});
      },
      { timeout: 5, record: (record) => records.push(record) },
    );

    const error: unknown = await trying.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'MAYFLY_RETRIES_EXHAUSTED',
      summary: 'The work did not succeed within 5 ms, in 1 attempt.',
    });
    expect(await reason.promise).toBe(error);
    expect(records).toMatchObject([{ attempts: 1, outcome: 'failed' }]);
  });

  test('ends in time also where many attempts are left', async () => {
    const options = { attempts: 1_000_000, delay: 60_000, maxDelay: 60_000, timeout: 5 };

    await expect(retry(fail, options)).rejects.toMatchObject({ code: 'MAYFLY_RETRIES_EXHAUSTED' });
  });
});

test.each([1, 2, 3])('a failure that does not pass is thrown as it is, in attempt %i of 3 too', async (last) => {
  const hopeless = new Error('forbidden');
  const records: RetryRecord[] = [];

  const trying = retry(({ number }) => Promise.reject(number === last ? hopeless : new Error('starting up')), {
    attempts: 3,
    delay: 0,
    retryIf: (error) => error !== hopeless,
    record: (record) => records.push(record),
  });

  await expect(trying).rejects.toBe(hopeless);
  expect(records).toMatchObject([{ attempts: last, outcome: 'failed' }]);
});

test('an asker who gives up between two attempts ends it with the reason', async () => {
  await expectNoTimersLeft(async () => {
    const asker = new AbortController();
    const reason = new Error('changed my mind');
    const failed = Promise.withResolvers<void>();
    const records: RetryRecord[] = [];

    const trying = retry(
      () => {
        failed.resolve();
        fail();
      },
      { delay: 60_000, maxDelay: 60_000, signal: asker.signal, record: (record) => records.push(record) },
    );
    await failed.promise;
    await new Promise(setImmediate);
    asker.abort(reason);

    await expect(trying).rejects.toBe(reason);
    expect(records).toMatchObject([{ attempts: 1, outcome: 'aborted', failures: ['no luck'] }]);
    expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
  });
});

test.each<{ what: string; options: object; field: string }>([
  { what: 'no attempts', options: { attempts: 0 }, field: 'attempts' },
  { what: 'half an attempt', options: { attempts: 1.5 }, field: 'attempts' },
  { what: 'attempts without end', options: { attempts: Infinity }, field: 'attempts' },
  { what: 'a negative delay', options: { delay: -1 }, field: 'delay' },
  { what: 'no longest delay', options: { maxDelay: 0 }, field: 'maxDelay' },
  { what: 'a delay that shrinks', options: { factor: 0.5 }, field: 'factor' },
  { what: 'no time', options: { timeout: 0 }, field: 'timeout' },
  { what: 'an empty name', options: { name: '' }, field: 'name' },
  { what: 'a record that is no function', options: { record: [] }, field: 'record' },
  { what: 'an unknown field', options: { retries: 3 }, field: 'retries' },
])('$what is refused before anything is done', async ({ options, field }) => {
  const done: string[] = [];

  const trying = retry(() => done.push('work'), options as RetryOptions);

  await expect(trying).rejects.toMatchObject({
    code: 'MAYFLY_INPUT_INVALID',
    message: expect.stringContaining(field),
  });
  expect(done).toEqual([]);
});
