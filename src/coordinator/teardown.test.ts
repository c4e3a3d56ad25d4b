import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { TeardownError } from '../errors/mayfly-error.ts';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import type { TeardownReport } from './teardown.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

const hang = (): Promise<never> => new Promise(() => {});
const fail = (): never => {
  throw new Error('no luck');
};

afterEach(() => {
  vi.useRealTimers();
});

test('every step of a teardown is carried out, also when one throws and one hangs', async () => {
  const released: string[] = [];
  const database = defineService({ name: 'database', start: () => 'data', stop: (value) => void released.push(value) });
  const audit = defineService({ name: 'audit', dependsOn: { database }, start: () => {}, stop: fail });
  const wallet = defineService({
    name: 'wallet',
    dependsOn: { audit },
    start: () => {},
    stop: hang,
    timeouts: { stop: 5 },
  });
  const stripe = defineService({ name: 'stripe', dependsOn: { wallet }, start: () => {} });
  const coordinator = coordinate([database, audit, wallet, stripe]);
  await coordinator.start(untroubled);

  const error = await coordinator.stop().catch((thrown: unknown) => thrown);

  expect(released).toEqual(['data']);
  expect(error).toBeInstanceOf(TeardownError);
  const { errors, report } = error as TeardownError<TeardownReport>;
  expect(errors).toMatchObject([
    {
      code: 'MAYFLY_SERVICE_STOP_TIMEOUT',
      service: 'wallet',
      summary: 'Service "wallet" did not stop within 5 ms.',
    },
    {
      code: 'MAYFLY_SERVICE_STOP_FAILED',
      service: 'audit',
      summary: 'Service "audit" failed to stop: no luck.',
      cause: new Error('no luck'),
    },
  ]);
  const duration = expect.any(Number) as number;
  expect(report).toEqual({
    steps: [
      { service: 'stripe', outcome: 'stopped', duration },
      { service: 'wallet', outcome: 'timed out', duration, error: errors[0] },
      { service: 'audit', outcome: 'failed', duration, error: errors[1] },
      { service: 'database', outcome: 'stopped', duration },
    ],
    duration,
  });
});

test('a teardown without failures says what it did', async () => {
  const database = defineService({ name: 'database', start: () => {} });
  const audit = defineService({ name: 'audit', dependsOn: { database }, start: () => {} });
  const coordinator = coordinate([database, audit]);
  await coordinator.start(untroubled);

  const { steps } = await coordinator.stop();

  expect(steps.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual(['audit stopped', 'database stopped']);
});

test('a stop that hangs is told that its time is up', async () => {
  const told = Promise.withResolvers<unknown>();
  const database = defineService({
    name: 'database',
    timeouts: { stop: 5 },
    start: () => {},
    stop: (_, { signal }) => {
      signal.addEventListener('abort', () => told.resolve(signal.reason));
      return hang();
    },
  });
  const coordinator = coordinate([database]);
  await coordinator.start(untroubled);

  await expect(coordinator.stop()).rejects.toMatchObject({ code: 'MAYFLY_TEARDOWN_FAILED' });
  expect(await told.promise).toMatchObject({ code: 'MAYFLY_SERVICE_STOP_TIMEOUT' });
});

test('the whole keeps to its deadline, and when that is used up each step still has a moment', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const released: string[] = [];
  const timeouts = { stop: 5_000 };
  const database = defineService({ name: 'database', start: () => 'data', stop: (value) => void released.push(value) });
  const audit = defineService({ name: 'audit', dependsOn: { database }, start: () => {}, stop: hang, timeouts });
  const wallet = defineService({ name: 'wallet', dependsOn: { audit }, start: () => {}, stop: hang, timeouts });
  const stripe = defineService({ name: 'stripe', dependsOn: { wallet }, start: () => {}, stop: hang, timeouts });
  const coordinator = coordinate([database, audit, wallet, stripe]);
  await coordinator.start(untroubled);

  const stopping = coordinator.stop().catch((thrown: unknown) => thrown);
  await vi.advanceTimersByTimeAsync(10_000);

  const { report } = (await stopping) as TeardownError<TeardownReport>;
  expect(report.steps.map(({ service, duration }) => [service, Math.round(duration)])).toEqual([
    ['stripe', 5_000],
    ['wallet', 3_000],
    ['audit', 100],
    ['database', 0],
  ]);
  expect(Math.round(report.duration)).toBe(8_100);
  expect(released).toEqual(['data']);
});

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
