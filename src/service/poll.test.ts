import { describe, expect, test } from 'vitest';
import { pause } from './pause.ts';
import { pollUntilFound, pollUntilReady } from './poll.ts';

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

describe('a search', () => {
  test('goes on until something is found', async () => {
    let asked = 0;

    const found = await pollUntilFound(async () => {
      asked += 1;
      return asked === 3 ? asked : undefined;
    }, untroubled);

    expect(found).toBe(3);
  });

  test('ends with what its question throws', async () => {
    let asked = 0;

    await expect(
      pollUntilFound(() => {
        asked += 1;
        return Promise.reject(reason);
      }, untroubled),
    ).rejects.toBe(reason);
    expect(asked).toBe(1);
  });

  test('ends when the asker has given up, with the reason', async () => {
    const asker = new AbortController();
    const waiting = pollUntilFound(async () => {
      asker.abort(reason);
      return undefined;
    }, asker.signal);

    await expect(waiting).rejects.toBe(reason);
  });
});
