import { describe, expect, test } from 'vitest';
import { pause } from './pause.ts';
import { pollUntilReady } from './poll.ts';

const untroubled = new AbortController().signal;
const reason = new Error('changed my mind');

describe('a question', () => {
  test('is asked until it has an answer, and every failure is heard', async () => {
    const failures: string[] = [];
    let asked = 0;

    const answer = await pollUntilReady(
      async () => {
        asked += 1;
        return asked === 3 ? 'yes' : Promise.reject(new Error(`no ${asked}`));
      },
      { signal: untroubled, onFailure: (error) => failures.push(String(error)) },
    );

    expect(answer).toBe('yes');
    expect(failures).toEqual(['Error: no 1', 'Error: no 2']);
  });

  test('is not asked once the asker has given up', async () => {
    const asker = new AbortController();
    let asked = 0;

    const waiting = pollUntilReady(
      async () => {
        asked += 1;
        asker.abort(reason);
        throw new Error('no');
      },
      { signal: asker.signal },
    );

    await expect(waiting).rejects.toBe(reason);
    expect(asked).toBe(1);
  });

  test('is not asked for an asker who gave up before', async () => {
    const waiting = pollUntilReady(async () => expect.unreachable(), { signal: AbortSignal.abort(reason) });

    await expect(waiting).rejects.toBe(reason);
  });

  test('is not asked again when whoever hears of the failure throws', async () => {
    const waiting = pollUntilReady(
      async () => {
        throw new Error('no');
      },
      {
        signal: untroubled,
        onFailure: (error) => {
          throw new Error('hopeless', { cause: error });
        },
      },
    );

    await expect(waiting).rejects.toThrow('hopeless');
  });
});

describe('a pause', () => {
  test('ends by itself', async () => {
    await expect(pause(1, untroubled)).resolves.toBeUndefined();
  });

  test('ends with the reason of whoever gives up during it, and leaves no timer', async () => {
    const asker = new AbortController();
    const timers = countTimers();

    const waiting = pause(60_000, asker.signal);
    asker.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    expect(countTimers()).toBe(timers);
  });

  test('does not begin for whoever gave up before', async () => {
    await expect(pause(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
