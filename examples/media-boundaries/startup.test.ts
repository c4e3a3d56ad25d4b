import { existsSync } from 'node:fs';
import { defineService, startEnvironment, type ProgressEvent } from 'mayfly';
import { expect, test } from 'vitest';
import definition from './mayfly.config.ts';
import { cache, key, site, storage } from './services.ts';

test('a part that is not ready is named, nothing is built on it, and what had started is taken away', async () => {
  const made: string[] = [];
  // Broken on purpose. By its name it takes the place of the real one.
  const full = defineService({
    name: 'storage',
    dependsOn: { cache },
    timeouts: { check: 50 },
    start: async (_, context) => {
      const real = await storage.start({}, context);
      made.push(real.directory);
      return real;
    },
    check: () => {
      throw new Error('the disk is full');
    },
    stop: (real, context) => storage.stop(real, context),
  });
  const life = new Life();
  await using environment = await startEnvironment(
    { ...definition, services: [cache, full, key, site] },
    { onProgress: life.observe },
  );

  await expect(environment.lease()).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_NOT_READY',
    service: 'storage',
    phase: 'check',
    message: expect.stringContaining('"storage" was not ready within 50 ms: the disk is full'),
  });

  expect(life.of('site')).toEqual([]);
  // What is not ready goes first, then what it depends on.
  expect(life.of('storage', 'cache')).toEqual([
    'start cache',
    'check cache',
    'start storage',
    'check storage failed',
    'stop storage',
    'stop cache',
  ]);
  expect(made).toHaveLength(1);
  expect(made.filter(existsSync)).toEqual([]);
});

test('a part that comes up late is tried again', async () => {
  const life = new Life();
  await using environment = await startEnvironment(parts({ failures: 2 }), { onProgress: life.observe });

  expect(environment.services.index).toEqual({ attempts: 3 });
  expect(life.of('index')).toEqual(['start index failed', 'start index failed', 'start index', 'check index']);
  expect(await environment.health()).toMatchObject({ healthy: true });
});

test('a part that does not come up is given up after its last attempt, and the rest is taken away in reverse', async () => {
  const life = new Life();

  await expect(startEnvironment(parts({ failures: 3 }), { onProgress: life.observe })).rejects.toMatchObject({
    code: 'MAYFLY_SERVICE_START_FAILED',
    service: 'index',
    message: expect.stringContaining('"index" failed to start: it is still being built (3)'),
    // What failed while the rest was taken away: nothing.
    suppressed: [],
  });

  expect(life.of('disk', 'catalogue', 'index', 'search')).toEqual([
    'start disk',
    'check disk',
    'start catalogue',
    'check catalogue',
    'start index failed',
    'start index failed',
    'start index failed',
    'stop catalogue',
    'stop disk',
  ]);
});

/** Four services of the run, each on the one before; the third fails so many times. */
function parts({ failures }: { readonly failures: number }) {
  let attempts = 0;
  const disk = defineService({ name: 'disk', scope: 'run', start: () => 'disk' });
  const catalogue = defineService({ name: 'catalogue', scope: 'run', dependsOn: { disk }, start: () => 'catalogue' });
  const index = defineService({
    name: 'index',
    scope: 'run',
    dependsOn: { catalogue },
    retry: { attempts: 3, delay: 1 },
    start: () => {
      attempts += 1;
      if (attempts <= failures) {
        throw new Error(`it is still being built (${attempts})`);
      }
      return { attempts };
    },
  });
  const search = defineService({ name: 'search', scope: 'run', dependsOn: { index }, start: () => 'search' });
  return { postgres: false, redis: false, services: [disk, catalogue, index, search] } as const;
}

/** What becomes of services, step by step in the order in which the steps ended. */
class Life {
  readonly #steps: { readonly service: string; readonly text: string }[] = [];

  readonly observe = (event: ProgressEvent): void => {
    if (event.type === 'end') {
      const { service, phase, outcome } = event.span;
      this.#steps.push({ service, text: `${phase} ${service}${outcome === 'ok' ? '' : ' failed'}` });
    }
  };

  of(...services: readonly string[]): string[] {
    return this.#steps.filter(({ service }) => services.includes(service)).map(({ text }) => text);
  }
}
