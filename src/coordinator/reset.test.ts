import { pino } from 'pino';
import { expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

const fail = (): never => {
  throw new Error('no luck');
};

test('services are reset one after the other, those that need others first', async () => {
  const journal: string[] = [];
  const database = recorded(journal, 'database');
  const audit = recorded(journal, 'audit', { database });
  const gdpr = recorded(journal, 'gdpr', { audit });
  const wallet = recorded(journal, 'wallet', { audit });
  await using coordinator = coordinate([database, audit, gdpr, wallet]);
  await coordinator.start(untroubled);

  await coordinator.reset(untroubled);
  await coordinator.reset(untroubled);

  const once = ['wallet', 'gdpr', 'audit', 'database'].flatMap((name) => [`begin ${name}`, `end ${name}`]);
  expect(journal).toEqual([...once, ...once]);
});

test('what has not started is not reset', async () => {
  const journal: string[] = [];
  await using coordinator = coordinate([recorded(journal, 'database'), recorded(journal, 'wallet')]);
  await coordinator.start(untroubled, ['database']);

  await coordinator.reset(untroubled);

  expect(journal).toEqual(['begin database', 'end database']);
});

test('all are reset even if some fail; the first failure is thrown and shows the others', async () => {
  const journal: string[] = [];
  const database = recorded(journal, 'database');
  const audit = defineService({ name: 'audit', dependsOn: { database }, start: () => {}, reset: fail });
  const wallet = defineService({
    name: 'wallet',
    dependsOn: { audit },
    timeouts: { reset: 5 },
    start: () => {},
    reset: () => new Promise(() => {}),
  });
  await using coordinator = coordinate([database, audit, wallet]);
  await coordinator.start(untroubled);

  await expect(coordinator.reset(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_RESET_FAILED',
    service: 'wallet',
    phase: 'reset',
    message: [
      'Service "wallet" could not be reset: it took longer than 5 ms.',
      '  and then: Service "audit" could not be reset: no luck. Mend its reset, or stop and start the environment.',
      'Mend its reset, or stop and start the environment.',
    ].join('\n'),
    suppressed: [{ code: 'MAYFLY_SERVICE_RESET_FAILED', service: 'audit', cause: new Error('no luck') }],
  });
  expect(journal).toEqual(['begin database', 'end database']);
});

test('a reset that failed may be tried again', async () => {
  const failures = [new Error('busy')];
  const database = defineService({
    name: 'database',
    start: () => {},
    reset: async () => {
      const failure = failures.pop();
      if (failure !== undefined) {
        throw failure;
      }
    },
  });
  await using coordinator = coordinate([database]);
  await coordinator.start(untroubled);

  await expect(coordinator.reset(untroubled)).rejects.toThrow('busy');
  await expect(coordinator.reset(untroubled)).resolves.toBeUndefined();
});

function recorded(journal: string[], name: string, dependsOn: Readonly<Record<string, Service>> = {}): Service {
  const reset = async (): Promise<void> => {
    journal.push(`begin ${name}`);
    await new Promise(setImmediate);
    journal.push(`end ${name}`);
  };
  return defineService({ name, dependsOn, start: () => {}, reset });
}

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
