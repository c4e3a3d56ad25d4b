import { expect, test } from 'vitest';
import { waitForServer, type StartingServer } from './wait-for-server.ts';

const ample = { ms: 30_000, signal: new AbortController().signal };

test('a server is asked until it answers, and nobody watches for its end any longer', async () => {
  const failures = [new Error('refused'), new Error('starting up')];
  let watch: AbortSignal | undefined;

  await waitForServer(
    {
      ...neverAnswers,
      ask: async () => {
        const failure = failures.pop();
        if (failure !== undefined) {
          throw failure;
        }
      },
      ended: (signal) => {
        watch = signal;
        return forever();
      },
    },
    ample,
  );

  expect(failures).toEqual([]);
  expect(watch?.aborted).toBe(true);
});

test('one that does not answer in time is an error with the last failure and its last lines', async () => {
  await expect(waitForServer(neverAnswers, { ...ample, ms: 20 })).rejects.toMatchObject({
    code: 'MAYFLY_SERVER_NOT_READY',
    service: 'sloth',
    message: expect.stringMatching(/did not answer a query within 20 ms: nobody there\. .*\n {2}\| warming up\n/),
  });
});

test.for([
  { says: 'its last lines', output: ['PANIC:  could not write to file "pg_wal/1": No space left on device'] },
  { says: 'its last answer', asked: Object.assign(new Error('could not write init file'), { code: '53100' }) },
  { says: 'a look at the disk, where it has logged nothing', isFull: true },
])('one that has no room is known for that by $says', async ({ output = [], asked, isFull = false }) => {
  const server: StartingServer = {
    ...neverAnswers,
    ask: async () => {
      throw asked ?? new Error('nobody there');
    },
    ended: async (signal) => (asked === undefined ? 'exit code 1' : neverAnswers.ended(signal)),
    isHopeless: () => asked !== undefined,
    lastLines: async () => output,
    isFull: async () => isFull,
  };

  const error: unknown = await waitForServer(server, ample).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({
    code: 'MAYFLY_DISK_UNUSABLE',
    service: 'sloth',
    phase: 'start',
    message: expect.stringMatching(/^There is no room left for the data of sloth\. The sloth server (ended|did not)/),
    cause: { code: asked === undefined ? 'MAYFLY_SERVER_EXITED' : 'MAYFLY_SERVER_NOT_READY' },
  });
  expect((error as Error).message).toContain(output[0] ?? 'It left no log.');
});

test('one that ends is not waited for, and the question to it that is under way is told', async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  const ask = async (signal: AbortSignal): Promise<void> => {
    asked.resolve(signal);
    await forever();
  };
  const ended = async (): Promise<string> => asked.promise.then(() => 'exit code 3');

  await expect(waitForServer({ ...neverAnswers, ask, ended }, ample)).rejects.toMatchObject({
    code: 'MAYFLY_SERVER_EXITED',
    service: 'sloth',
    message: expect.stringMatching(/ended while it was starting \(exit code 3\)\. .*\n {2}\| warming up\n/),
  });
  expect((await asked.promise).aborted).toBe(true);
});

test('one whose end is seen only while its last lines are read has ended all the same', async () => {
  const end = Promise.withResolvers<string>();
  const lastLines = async (): Promise<string[]> => {
    end.resolve('signal SIGSEGV');
    await end.promise;
    return [];
  };
  const server = { ...neverAnswers, isHopeless: () => true, ended: () => end.promise, lastLines };

  await expect(waitForServer(server, ample)).rejects.toMatchObject({
    code: 'MAYFLY_SERVER_EXITED',
    message: expect.stringContaining('(signal SIGSEGV)'),
  });
});

test('a hopeless failure is not followed by another question', async () => {
  let questions = 0;
  const ask = async (): Promise<void> => {
    questions += 1;
    throw new Error(`refused ${questions}`);
  };
  const isHopeless = (error: unknown): boolean => (error as Error).message === 'refused 2';

  await expect(waitForServer({ ...neverAnswers, ask, isHopeless }, ample)).rejects.toMatchObject({
    code: 'MAYFLY_SERVER_NOT_READY',
    cause: new Error('refused 2'),
  });
  expect(questions).toBe(2);
});

test("a wait that is given up ends with its signal's own reason", async () => {
  const abort = new AbortController();
  const enough = new Error('enough');
  const ask = async (): Promise<void> => {
    abort.abort(enough);
    await forever();
  };

  await expect(waitForServer({ ...neverAnswers, ask }, { ...ample, signal: abort.signal })).rejects.toBe(enough);
});

const neverAnswers: StartingServer = {
  service: 'sloth',
  ask: async () => {
    throw new Error('nobody there');
  },
  ended: forever,
  lastLines: async () => ['warming up'],
};

function forever(): Promise<never> {
  return new Promise(() => {});
}
