import { afterAll, describe, expect, test, vi } from 'vitest';
import { askPostgres } from '../../fixtures/harness/clients.ts';
import { expectNothingLeft, leftoversOf } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { defineService } from '../service/define-service.ts';
import { pause } from '../service/pause.ts';
import type { ProgressEvent } from './progress.ts';
import { postgres, redis } from './servers.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** What a start has got to when it is given up. */
const moments: Record<string, (event: ProgressEvent) => boolean> = {
  'when the runtime has been chosen': ({ type }) => type === 'runtime',
  'when the servers are about to start': (event) => isStep(event, 'begin', 'redis'),
  'when one server answers': (event) => isStep(event, 'end', 'postgres') || isStep(event, 'end', 'redis'),
  'when a service on top of them starts': (event) => isStep(event, 'begin', 'shop'),
};

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a start on ${runtime} that is given up`, () => {
    test('before it begins leaves nothing', async () => {
      await expect(startEnvironment({}, { runtime, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'MAYFLY_ABORTED',
      });
      expect(await leftoversOf(state)).toEqual([]);
    });

    test.for(Object.entries(moments))('%s leaves nothing', async ([, hasCome]) => {
      const abort = new AbortController();
      const onProgress = (event: ProgressEvent): void => {
        if (hasCome(event)) {
          abort.abort(new Error('no more'));
        }
      };

      await expect(start(abort.signal, onProgress)).rejects.toMatchObject({ code: 'MAYFLY_ABORTED' });

      expect(abort.signal.aborted).toBe(true);
      expect(await leftoversOf(state)).toEqual([]);
    });

    test('while its servers are on their way leaves nothing', async () => {
      const known = new Set(state.sessions.keys());
      const abort = new AbortController();
      const starting = start(abort.signal, () => {});
      const own = () => [...state.sessions].find(([id]) => !known.has(id))?.[1];
      await vi.waitUntil(() => own()?.hadContainers === true || own()?.pids.size === 2, { interval: 1 });

      abort.abort();

      await expect(starting).rejects.toMatchObject({ code: 'MAYFLY_ABORTED' });
      expect(await leftoversOf(state)).toEqual([]);
    });

    test('while migrations wait for something leaves nothing', async () => {
      const abort = new AbortController();
      const underWay = Promise.withResolvers<void>();
      const migrations = async ({ url }: { readonly url: string }): Promise<void> => {
        underWay.resolve();
        await askPostgres(url, 'SELECT pg_sleep(60)');
      };
      const starting = startEnvironment({ migrations, redis: false }, { runtime, signal: abort.signal });
      starting.catch(() => {});
      await underWay.promise;

      abort.abort();

      await expect(starting).rejects.toMatchObject({ code: 'MAYFLY_ABORTED' });
      expect(await leftoversOf(state)).toEqual([]);
    });

    const shop = defineService({
      name: 'shop',
      scope: 'run',
      dependsOn: { postgres, redis },
      start: (_, { signal }) => pause(60_000, signal),
    });

    function start(signal: AbortSignal, onProgress: (event: ProgressEvent) => void): Promise<unknown> {
      return startEnvironment({ services: [shop] }, { runtime, signal, onProgress });
    }
  });
}

function isStep(event: ProgressEvent, type: 'begin' | 'end', service: string): boolean {
  return event.type === type && event.step.phase === 'start' && event.step.service === service;
}
