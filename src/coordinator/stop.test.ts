import { once } from 'node:events';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

test.each([
  { what: 'twice', again: (_: Coordinator, first: Promise<unknown>) => first },
  { what: 'again while it runs', again: async () => {} },
  { what: 'and disposed of', again: (coordinator: Coordinator) => coordinator[Symbol.asyncDispose]() },
])('stopped $what, each service is stopped once, and the answer is the same', async ({ again }) => {
  const { services, journal } = pair();
  const coordinator = coordinate(services);
  await coordinator.start(untroubled);

  const first = coordinator.stop();
  await again(coordinator, first);

  expect(coordinator.stop()).toBe(first);
  expect((await first).steps).toHaveLength(2);
  expect(journal).toEqual(['start database', 'start audit', 'stop audit', 'stop database']);
});

test('a teardown that failed fails in the same way when asked again', async () => {
  const stop = (): never => {
    throw new Error('no luck');
  };
  const coordinator = coordinate([defineService({ name: 'database', start: () => {}, stop })]);
  await coordinator.start(untroubled);

  const errors = [await thrownBy(coordinator.stop()), await thrownBy(coordinator.stop())];

  expect(errors[0]).toMatchObject({ code: 'MAYFLY_TEARDOWN_FAILED' });
  expect(errors[1]).toBe(errors[0]);
});

test('stopped before anything has started, there is nothing to stop', async () => {
  const { services, journal } = pair();

  await expect(coordinate(services).stop()).resolves.toMatchObject({ steps: [] });
  expect(journal).toEqual([]);
});

test('stopped while it starts, the start is given up, and what has started is stopped', async () => {
  const { services, journal } = pair();
  const begun = Promise.withResolvers<void>();
  const slow = defineService({
    name: 'slow',
    start: async (_, { signal }) => {
      begun.resolve();
      await once(signal, 'abort');
      signal.throwIfAborted();
    },
  });
  const never = defineService({ name: 'never', dependsOn: { slow }, start: () => void journal.push('start never') });
  const coordinator = coordinate([...services, slow, never]);

  const starting = thrownBy(coordinator.start(untroubled));
  await begun.promise;
  await coordinator.start(untroubled, ['audit']);
  const { steps } = await coordinator.stop();

  expect(await starting).toMatchObject({ code: 'MAYFLY_ENVIRONMENT_STOPPED' });
  expect(steps.map(({ service }) => service)).toEqual(['audit', 'database']);
  expect(journal).toEqual(['start database', 'start audit', 'stop audit', 'stop database']);
});

test('stopped while a service becomes ready, that service is stopped before what it needs', async () => {
  const { services, journal } = pair();
  const asked = Promise.withResolvers<void>();
  const slow = defineService({
    name: 'slow',
    dependsOn: { audit: services[1]! },
    start: () => {},
    check: () => {
      asked.resolve();
      throw new Error('not yet');
    },
    stop: async () => {
      await new Promise(setImmediate);
      journal.push('stop slow');
    },
  });
  const coordinator = coordinate([...services, slow]);

  const starting = thrownBy(coordinator.start(untroubled));
  await asked.promise;
  await coordinator.stop();

  expect(await starting).toMatchObject({ code: 'MAYFLY_ENVIRONMENT_STOPPED' });
  expect(journal.slice(2)).toEqual(['stop slow', 'stop audit', 'stop database']);
});

describe('after a stop', () => {
  test.each([
    { what: 'start', use: (coordinator: Coordinator) => coordinator.start(untroubled) },
    { what: 'start of one service', use: (coordinator: Coordinator) => coordinator.start(untroubled, ['audit']) },
    { what: 'reset', use: (coordinator: Coordinator) => coordinator.reset(untroubled) },
  ])('a $what is refused, also while it still runs', async ({ use }) => {
    const { services, journal } = pair();
    const coordinator = coordinate(services);
    await coordinator.start(untroubled);
    const stopped = {
      code: 'MAYFLY_ENVIRONMENT_STOPPED',
      message: 'The environment has been stopped. Use it before its stop, or start another.',
    };

    const stopping = coordinator.stop();
    await expect(use(coordinator)).rejects.toMatchObject(stopped);
    await stopping;
    await expect(use(coordinator)).rejects.toMatchObject(stopped);

    expect(journal).toEqual(['start database', 'start audit', 'stop audit', 'stop database']);
  });
});

function pair(): { readonly services: readonly Service[]; readonly journal: string[] } {
  const journal: string[] = [];
  const recorded = (name: string, dependsOn: Readonly<Record<string, Service>> = {}): Service => {
    const record = (phase: string): void => void journal.push(`${phase} ${name}`);
    const reset = (): void => record('reset');
    return defineService({ name, dependsOn, start: () => record('start'), reset, stop: () => record('stop') });
  };
  const database = recorded('database');
  return { services: [database, recorded('audit', { database })], journal };
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
