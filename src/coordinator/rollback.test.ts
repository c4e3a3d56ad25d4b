import { pino } from 'pino';
import { expect, test } from 'vitest';
import { MayflyError } from '../errors/mayfly-error.ts';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

test('when a start fails, what has started is stopped in reverse', async () => {
  const journal: string[] = [];
  const database = recorded(journal, 'database');
  const audit = recorded(journal, 'audit', { database });
  const wallet = defineService({
    name: 'wallet',
    dependsOn: { audit },
    start: fail,
    stop: () => void journal.push('no'),
  });
  const stripe = recorded(journal, 'stripe', { wallet });

  const coordinator = coordinate([database, audit, wallet, stripe]);

  await expect(coordinator.start(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_FAILED',
    service: 'wallet',
    suppressed: [],
  });
  expect(journal).toEqual(['start database', 'start audit', 'stop audit', 'stop database']);
});

test('what fails while everything is stopped again is shown below the first failure', async () => {
  const database = defineService({ name: 'database', start: () => {}, stop: fail });
  const audit = defineService({ name: 'audit', dependsOn: { database }, start: () => {}, stop: fail });
  const wallet = defineService({ name: 'wallet', dependsOn: { audit }, start: fail });

  await expect(coordinate([database, audit, wallet]).start(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_FAILED',
    service: 'wallet',
    suppressed: [
      { code: 'MAYFLY_SERVICE_STOP_FAILED', service: 'audit' },
      { code: 'MAYFLY_SERVICE_STOP_FAILED', service: 'database' },
    ],
    message: expect.stringMatching(
      /no luck\.\n {2}and then: Service "audit" .*\n {2}and then: Service "database" .*\n/,
    ),
  });
});

test('an asker who gives up ends the start with the reason, and what has started is stopped', async () => {
  const journal: string[] = [];
  const asker = new AbortController();
  const reason = new MayflyError('MAYFLY_ABORTED', { message: 'Given up.', remedy: 'Start again.' });
  const database = recorded(journal, 'database');
  const slow = defineService({
    name: 'slow',
    dependsOn: { database },
    start: async (_, { signal }) => {
      asker.abort(reason);
      signal.throwIfAborted();
    },
  });

  await expect(coordinate([database, slow]).start(asker.signal)).rejects.toBe(reason);

  expect(journal).toEqual(['start database', 'stop database']);
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
