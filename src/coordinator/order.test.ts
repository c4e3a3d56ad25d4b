import { pino } from 'pino';
import { expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

test('one at a time, services start in their order and stop exactly in reverse', async () => {
  const journal: string[] = [];
  const recorded = (name: string, dependsOn: Readonly<Record<string, Service>> = {}): Service =>
    defineService({
      name,
      dependsOn,
      start: () => void journal.push(`start ${name}`),
      stop: () => void journal.push(`stop ${name}`),
    });
  const database = recorded('database');
  const audit = recorded('audit', { database });
  const gdpr = recorded('gdpr', { database, audit });
  const financial = recorded('financial', { database, audit });
  const wallet = recorded('wallet', { database, audit });
  const stripe = recorded('stripe', { database, audit, financial });
  const coordinator = coordinate([database, audit, gdpr, financial, wallet, stripe], 1);

  await coordinator.start(untroubled);
  await coordinator.stop();

  expect(journal).toEqual([
    'start database',
    'start audit',
    'start gdpr',
    'start financial',
    'start wallet',
    'start stripe',
    'stop stripe',
    'stop wallet',
    'stop financial',
    'stop gdpr',
    'stop audit',
    'stop database',
  ]);
});

test('services that do not need each other start, and stop, at the same time', async () => {
  const gates = { start: gate(3), stop: gate(3) };
  const meeting = (name: string): Service =>
    defineService({ name, timeouts: { start: 2_000, stop: 2_000 }, start: gates.start, stop: gates.stop });
  const coordinator = coordinate([meeting('postgres'), meeting('redis'), meeting('mail')]);

  await coordinator.start(untroubled);
  const { steps } = await coordinator.stop();

  expect(steps.map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped', 'stopped']);
});

test('a service starts as soon as what it needs is there, without waiting for others', async () => {
  const auditStarted = Promise.withResolvers<void>();
  const database = defineService({ name: 'database', start: () => {} });
  const slow = defineService({ name: 'slow', timeouts: { start: 2_000 }, start: () => auditStarted.promise });
  const audit = defineService({ name: 'audit', dependsOn: { database }, start: () => auditStarted.resolve() });

  const coordinator = coordinate([database, slow, audit]);

  await expect(coordinator.start(untroubled)).resolves.toBeUndefined();
  await coordinator.stop();
});

test('a service starts only when what it needs is healthy', async () => {
  const journal: string[] = [];
  const checks = [new Error('not yet'), new Error('not yet')];
  const database = defineService({
    name: 'database',
    start: () => 'the database',
    check: () => {
      const failure = checks.pop();
      journal.push(failure?.message ?? 'healthy');
      if (failure !== undefined) {
        throw failure;
      }
    },
  });
  const audit = defineService({
    name: 'audit',
    dependsOn: { db: database },
    start: ({ db }) => void journal.push(`audit got ${db}`),
  });

  await using coordinator = coordinate([audit, database]);
  await coordinator.start(untroubled);

  expect(journal).toEqual(['not yet', 'not yet', 'healthy', 'audit got the database']);
});

test('no more start at the same time than may', async () => {
  let under = 0;
  const seen: number[] = [];
  const counted = (name: string): Service =>
    defineService({
      name,
      start: async () => {
        under += 1;
        seen.push(under);
        await new Promise(setImmediate);
        under -= 1;
      },
    });

  await using coordinator = coordinate(['a', 'b', 'c', 'd', 'e'].map(counted), 2);
  await coordinator.start(untroubled);

  expect(Math.max(...seen)).toBe(2);
});

/** Opens when it has been called `count` times, for all callers at once. */
function gate(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing === 0) {
      resolve();
    }
    return promise;
  };
}

function coordinate(services: readonly Service[], concurrency = Infinity): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  return new Coordinator(buildGraph(services), {
    shared,
    timeline: new Timeline(),
    concurrency,
    teardownTimeout: 8_000,
  });
}
