import { pino } from 'pino';
import { expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

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

  await using coordinator = coordinate([database], timeline);
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

function coordinate(services: readonly Service[], timeline = new Timeline()): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline, concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
