import { once } from 'node:events';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { reasonOf } from '../errors/reason.ts';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

test('when a start fails, those under way are told why, and have released before what they need is stopped', async () => {
  const journal: string[] = [];
  const begun = Promise.withResolvers<void>();
  const database = recorded(journal, 'database');
  const slow = defineService({
    name: 'slow',
    dependsOn: { database },
    start: async (_, { signal }) => {
      begun.resolve();
      await once(signal, 'abort');
      journal.push(`slow hears: ${reasonOf(signal.reason)}`);
      await new Promise(setImmediate);
      journal.push('slow has released');
      signal.throwIfAborted();
    },
  });
  const wallet = defineService({ name: 'wallet', start: async () => begun.promise.then(fail) });

  await expect(coordinate([database, slow, wallet]).start(untroubled)).rejects.toMatchObject({ service: 'wallet' });

  expect(journal).toEqual([
    'start database',
    expect.stringContaining('slow hears: Service "wallet" failed to start'),
    'slow has released',
    'stop database',
  ]);
});

test('a start that finishes although it was given up has its value stopped, before what it needs', async () => {
  const journal: string[] = [];
  const begun = Promise.withResolvers<void>();
  const database = recorded(journal, 'database');
  const stubborn = defineService({
    name: 'stubborn',
    dependsOn: { database },
    start: async (_, { signal }) => {
      begun.resolve();
      await once(signal, 'abort');
      await new Promise(setImmediate);
      return 'value';
    },
    stop: (value) => void journal.push(`stop ${value}`),
  });
  const wallet = defineService({ name: 'wallet', start: async () => begun.promise.then(fail) });

  await expect(coordinate([database, stubborn, wallet]).start(untroubled)).rejects.toMatchObject({ service: 'wallet' });

  expect(journal).toEqual(['start database', 'stop value', 'stop database']);
});

test('a start that does not heed its signal is not waited for longer than for a stop, and everything else is stopped', async () => {
  const journal: string[] = [];
  const finish = Promise.withResolvers<string>();
  const stopped = Promise.withResolvers<string>();
  const database = recorded(journal, 'database');
  const stubborn = defineService({
    name: 'stubborn',
    dependsOn: { database },
    timeouts: { start: 5, stop: 5 },
    start: () => finish.promise,
    stop: stopped.resolve,
  });

  await expect(coordinate([database, stubborn]).start(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_TIMEOUT',
    suppressed: [
      {
        code: 'MAYFLY_SERVICE_STOP_TIMEOUT',
        service: 'stubborn',
        summary: 'The start of service "stubborn" was given up, and did not end within 5 ms.',
      },
    ],
  });
  expect(journal).toEqual(['start database', 'stop database']);

  // Late is better than never.
  finish.resolve('value');
  expect(await stopped.promise).toBe('value');
});

test('what fails while the value of such a start is stopped is shown below the first failure', async () => {
  const stubborn = defineService({
    name: 'stubborn',
    timeouts: { start: 5 },
    start: async (_, { signal }) => {
      await once(signal, 'abort');
      return 'value';
    },
    stop: fail,
  });

  await expect(coordinate([stubborn]).start(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_TIMEOUT',
    suppressed: [{ code: 'MAYFLY_SERVICE_STOP_FAILED', service: 'stubborn' }],
  });
});

test('the time for which such a start is waited for is taken from that of the whole', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const hang = (): Promise<never> => new Promise(() => {});
  const database = defineService({ name: 'database', timeouts: { stop: 6_000 }, start: () => {}, stop: hang });
  const stubborn = defineService({ name: 'stubborn', dependsOn: { database }, timeouts: { stop: 5_000 }, start: hang });

  const starting = coordinate([database, stubborn])
    .start(untroubled)
    .catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(await starting).toMatchObject({
    code: 'MAYFLY_SERVICE_START_TIMEOUT',
    suppressed: [
      { summary: 'The start of service "stubborn" was given up, and did not end within 5000 ms.' },
      { summary: 'Service "database" did not stop within 3000 ms.' },
    ],
  });
});

function fail(): never {
  throw new Error('no luck');
}

function recorded(journal: string[], name: string, dependsOn: Readonly<Record<string, Service>> = {}): Service {
  const record = (phase: string): void => void journal.push(`${phase} ${name}`);
  return defineService({ name, dependsOn, start: () => record('start'), stop: () => record('stop') });
}

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
