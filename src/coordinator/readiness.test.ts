import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { MayflyError } from '../errors/mayfly-error.ts';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

const brief = { start: 5, check: 5 };

test("a service's own coded error is left as it is", async () => {
  const own = new MayflyError('MAYFLY_IMAGE_UNAVAILABLE', { message: 'No image.', remedy: 'Pull it.' });
  const database = defineService({ name: 'database', start: () => Promise.reject(own) });

  await expect(coordinate([database]).start(untroubled)).rejects.toBe(own);
});

test('a start that hangs is given up at its deadline, and is told so', async () => {
  const told = Promise.withResolvers<unknown>();
  const database = defineService({
    name: 'database',
    timeouts: brief,
    start: async (_, { signal }) => {
      signal.addEventListener('abort', () => told.resolve(signal.reason));
      await told.promise;
    },
  });

  await expect(coordinate([database]).start(untroubled)).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_TIMEOUT',
    service: 'database',
    message:
      'Service "database" did not start within 5 ms. Find out what its start waits for, or raise timeouts.start.',
  });
  expect(await told.promise).toMatchObject({ code: 'MAYFLY_SERVICE_START_TIMEOUT' });
});

describe('a check that does not pass in time', () => {
  test('says why it last failed, and the value is stopped', async () => {
    const stopped: string[] = [];
    let asked = 0;
    const database = defineService({
      name: 'database',
      timeouts: { check: 100 },
      start: () => 'value',
      check: () => {
        asked += 1;
        throw new Error(asked === 1 ? 'refused' : 'starting up');
      },
      stop: (value) => void stopped.push(value),
    });

    await expect(coordinate([database]).start(untroubled)).rejects.toMatchObject({
      code: 'MAYFLY_SERVICE_NOT_READY',
      service: 'database',
      phase: 'check',
      message:
        'Service "database" was not ready within 100 ms: starting up. ' +
        'Mend what the check complains of, or raise timeouts.check.',
      cause: new Error('starting up'),
    });
    expect(stopped).toEqual(['value']);
  });

  test('and does not answer either, says that', async () => {
    const check = (): Promise<void> => new Promise(() => {});
    const database = defineService({ name: 'database', timeouts: brief, start: () => {}, check });

    await expect(coordinate([database]).start(untroubled)).rejects.toMatchObject({
      code: 'MAYFLY_SERVICE_NOT_READY',
      summary: 'Service "database" was not ready within 5 ms: its check did not answer.',
    });
  });

  test('has its value stopped before the next attempt, and shows a stop that fails', async () => {
    const journal: string[] = [];
    const database = defineService({
      name: 'database',
      timeouts: brief,
      retry: { attempts: 2, delay: 1 },
      start: () => void journal.push('start'),
      check: () => Promise.reject(new Error('starting up')),
      stop: () => {
        journal.push('stop');
        throw new Error('busy');
      },
    });

    const error: unknown = await coordinate([database])
      .start(untroubled)
      .catch((thrown: unknown) => thrown);

    expect(journal).toEqual(['start', 'stop', 'start', 'stop']);
    expect(error).toMatchObject({
      code: 'MAYFLY_SERVICE_NOT_READY',
      message: expect.stringContaining('and then: Service "database" failed to stop: busy.'),
      suppressed: [{ code: 'MAYFLY_SERVICE_STOP_FAILED' }],
    });
  });
});

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
