import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { readManifest } from '../../session/manifest.ts';
import { manifestFile } from '../../session/session-files.ts';

const proxy = await useDockerProxy();
const state = useOwnState();
const docker = { runtime: 'docker' } as const;
const removal = /^DELETE \/containers\//;

describe.skipIf(await isMissing('docker'))('a teardown whose daemon', () => {
  afterEach(() => proxy.calm());
  afterAll(() => expectNothingLeft(state));

  const troubles: Record<string, { begin: () => unknown; end: () => unknown }> = {
    'hangs at every call': { begin: () => proxy.trouble('hang', /./), end: () => proxy.calm() },
    'hangs at the removal': { begin: () => proxy.trouble('hang', removal), end: () => proxy.calm() },
    'is gone': { begin: () => proxy.goAway(), end: () => proxy.comeBack() },
  };

  test.for(Object.entries(troubles))('%s ends, and leaves a record by which all goes later', async ([, trouble]) => {
    const environment = await startEnvironment({ postgres: false }, docker);
    const record = join(environment.directory, manifestFile);
    await trouble.begin();

    await expect(environment.stop()).rejects.toMatchObject({
      code: 'MAYFLY_TEARDOWN_FAILED',
      errors: [
        {
          code: 'MAYFLY_SERVICE_STOP_FAILED',
          service: 'redis',
          message: expect.stringMatching(/it was to remove container [0-9a-f]{12}, and has not within/),
          cause: { code: 'MAYFLY_DOCKER_UNAVAILABLE' },
        },
      ],
    });

    expect([...(readManifest(record)?.resources.keys() ?? [])]).toEqual(['containers:redis']);
    await trouble.end();
    await vi.waitUntil(async () => (await leftoversOf(state)).length === 0, { timeout: 30_000, interval: 100 });
  });

  test.for(['hang', 'hang afterwards', 'cut', 'break off'] as const)('recovers (%s) succeeds', async (trouble) => {
    const environment = await startEnvironment({ postgres: false }, docker);
    const fault = proxy.trouble(trouble, removal);
    const stopping = environment.stop();
    await fault.met;

    await fault.end();

    expect((await stopping).steps).toMatchObject([{ service: 'redis', outcome: 'stopped' }]);
    expect(await leftoversOf(state)).toEqual([]);
  });
});
