import { pino } from 'pino';
import { expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

const duration = expect.any(Number) as number;

test('every service is asked, and the whole is healthy when all are', async () => {
  await using coordinator = coordinate([defineService({ name: 'database', start: () => {} }), failing('audit', [])]);
  await coordinator.start(untroubled);

  expect(await coordinator.health(untroubled)).toEqual({
    healthy: true,
    services: { database: { healthy: true, duration }, audit: { healthy: true, duration } },
  });
});

test('one that is not says why, and so the whole is not', async () => {
  await using coordinator = coordinate([failing('database', []), failing('audit', [new Error('the disk is full.')])]);
  await coordinator.start(untroubled);

  expect(await coordinator.health(untroubled)).toEqual({
    healthy: false,
    services: {
      database: { healthy: true, duration },
      audit: { healthy: false, duration, reason: 'the disk is full' },
    },
  });
  expect(await coordinator.health(untroubled)).toMatchObject({ healthy: true });
});

test('one whose check hangs is not, and the others are asked meanwhile', async () => {
  const hangs = [false, true];
  const database = defineService({
    name: 'database',
    timeouts: { check: 5 },
    start: () => {},
    check: async () => (hangs.shift() === true ? new Promise(() => {}) : undefined),
  });
  await using coordinator = coordinate([database, failing('audit', [])]);
  await coordinator.start(untroubled);

  expect(await coordinator.health(untroubled)).toMatchObject({
    healthy: false,
    services: {
      database: {
        healthy: false,
        reason: expect.stringContaining('The check of service "database" did not answer within 5 ms.'),
      },
      audit: { healthy: true },
    },
  });
});

test('one that has not started is not, and is not asked', async () => {
  await using coordinator = coordinate([failing('database', []), failing('wallet', [])]);
  await coordinator.start(untroubled, ['database']);

  expect(await coordinator.health(untroubled)).toEqual({
    healthy: false,
    services: {
      database: { healthy: true, duration },
      wallet: { healthy: false, duration: 0, reason: 'not started' },
    },
  });
});

test('after a stop none is, and none is asked', async () => {
  const coordinator = coordinate([failing('database', [])]);
  await coordinator.start(untroubled);
  await coordinator.stop();

  expect(await coordinator.health(untroubled)).toEqual({
    healthy: false,
    services: { database: { healthy: false, duration: 0, reason: 'stopped' } },
  });
});

test('for an asker who has given up none is, which is an answer like any other', async () => {
  await using coordinator = coordinate([failing('database', [])]);
  await coordinator.start(untroubled);

  expect(await coordinator.health(AbortSignal.abort(new Error('changed my mind')))).toEqual({
    healthy: false,
    services: { database: { healthy: false, duration, reason: 'changed my mind' } },
  });
});

test('one that holds another connection than what it depends on is not, by the name of that', async () => {
  const shared = { sharedConnection: 'shared' };
  const database = defineService({ name: 'database', start: () => shared });
  const dependent = (name: string, value: object): Service =>
    defineService({ name, dependsOn: { cache: failing('cache', []), database }, start: () => value });
  await using coordinator = coordinate([
    database,
    failing('cache', []),
    dependent('audit', { sharedConnection: 'shared' }),
    dependent('mail', {}),
    dependent('wallet', { sharedConnection: 'own' }),
  ]);
  await coordinator.start(untroubled);

  expect(await coordinator.health(untroubled)).toEqual({
    healthy: false,
    services: {
      database: { healthy: true, duration },
      cache: { healthy: true, duration },
      audit: { healthy: true, duration },
      mail: { healthy: true, duration },
      wallet: { healthy: false, duration, reason: 'holds another connection than "database"' },
    },
  });
});

/** Starts healthy, and then fails as often as there are failures. */
function failing(name: string, failures: Error[]): Service {
  const answers = [undefined, ...failures];
  const check = (): void => {
    const failure = answers.shift();
    if (failure !== undefined) {
      throw failure;
    }
  };
  return defineService({ name, start: () => {}, check });
}

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
