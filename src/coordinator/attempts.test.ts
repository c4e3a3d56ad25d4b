import { once } from 'node:events';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { defineService } from '../service/define-service.ts';
import { pause } from '../service/pause.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator, type CoordinatorOptions } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

// As it is, but a test can have something happen at the end of the pause between two attempts.
vi.mock('../service/pause.ts', { spy: true });

const untroubled = new AbortController().signal;

test('a start that fails is tried again, and every attempt is in the timeline', async () => {
  const timeline = new Timeline();
  const failures = [new Error('refused'), new Error('starting up')];
  const database = defineService({
    name: 'database',
    retry: { attempts: 3, delay: 1 },
    start: () => {
      const failure = failures.pop();
      if (failure !== undefined) {
        throw failure;
      }
    },
  });

  await using coordinator = coordinate([database], { timeline });
  await coordinator.start(untroubled);

  expect(timeline.spans.map(({ phase, attempt, outcome, reason }) => [phase, attempt, outcome, reason])).toEqual([
    ['start', 1, 'failed', expect.stringContaining('Service "database" failed to start: starting up.')],
    ['start', 2, 'failed', expect.stringContaining('Service "database" failed to start: refused.')],
    ['start', 3, 'ok', undefined],
    ['check', 3, 'ok', undefined],
  ]);
});

test('a start that fails every time is the last failure', async () => {
  let attempts = 0;
  const database = defineService({
    name: 'database',
    retry: { attempts: 2, delay: 1 },
    start: () => {
      attempts += 1;
      throw new Error(`refused ${attempts}.`);
    },
  });

  await expect(coordinate([database]).start(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_FAILED',
    service: 'database',
    phase: 'start',
    message:
      'Service "database" failed to start: refused 2. Mend the cause; if it passes by itself, set retry.attempts.',
    cause: new Error('refused 2.'),
  });
});

test('a service that is not to be tried again is tried once', async () => {
  const journal: string[] = [];
  const start = (): never => {
    journal.push('start');
    throw new Error('refused');
  };

  await expect(coordinate([defineService({ name: 'database', start })]).start(untroubled)).rejects.toThrow('refused');
  expect(journal).toEqual(['start']);
});

test('a start that is late has released what it acquired before the next attempt', async () => {
  const journal: string[] = [];
  const paused = Promise.withResolvers<void>();
  vi.mocked(pause).mockImplementationOnce(async () => paused.resolve());
  const database = defineService({
    name: 'database',
    timeouts: { start: 5 },
    retry: { attempts: 2 },
    start: async (_, { signal }) => {
      if (journal.length > 0) {
        journal.push('second attempt');
        return 'second';
      }
      journal.push('first attempt');
      await once(signal, 'abort');
      await paused.promise;
      // By now the second would have begun.
      await new Promise(setImmediate);
      journal.push('first has released');
      return 'first';
    },
    stop: (value) => void journal.push(`stop ${value}`),
  });

  await using coordinator = coordinate([database]);
  await coordinator.start(untroubled);

  expect(journal).toEqual(['first attempt', 'first has released', 'stop first', 'second attempt']);
  expect(coordinator.values.get('database')).toBe('second');
});

test('a start that is late and never ends is not waited for longer than for a stop, and is reported at the end', async () => {
  let attempts = 0;
  const stubborn = defineService({
    name: 'stubborn',
    timeouts: { start: 5, stop: 5 },
    retry: { attempts: 2, delay: 1 },
    start: async () => {
      attempts += 1;
      return attempts === 1 ? new Promise<never>(() => {}) : undefined;
    },
  });
  const coordinator = coordinate([stubborn]);

  await coordinator.start(untroubled);

  expect(attempts).toBe(2);
  await expect(coordinator.stop()).rejects.toMatchObject({
    errors: [{ summary: 'The start of service "stubborn" was given up, and did not end within 5 ms.' }],
  });
});

test('what gives up the whole start ends the wait for a late attempt too, and there is no other', async () => {
  const abort = new AbortController();
  const enough = new Error('enough');
  // Once the wait has begun.
  vi.mocked(pause).mockImplementationOnce(async () => void setImmediate(() => abort.abort(enough)));
  let attempts = 0;
  const stubborn = defineService({
    name: 'stubborn',
    timeouts: { start: 5, stop: 3_600_000 },
    retry: { attempts: 2 },
    start: async () => {
      attempts += 1;
      return new Promise<never>(() => {});
    },
  });

  await expect(coordinate([stubborn], { teardownTimeout: 5 }).start(abort.signal)).rejects.toBe(enough);
  expect(attempts).toBe(1);
});

function coordinate(services: readonly Service[], own: Partial<CoordinatorOptions> = {}): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000, ...own };
  return new Coordinator(buildGraph(services), options);
}
