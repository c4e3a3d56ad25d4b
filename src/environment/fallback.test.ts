import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../fixtures/harness/directories.ts';
import { expectNothingLeft, leftoversOf } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('where there is no Docker', () => {
  beforeEach(() => {
    vi.stubEnv('HOME', makeDirectory());
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    vi.stubEnv('MAYFLY_RUNTIME', '');
    vi.stubEnv('MAYFLY_DATABASE_URL', '');
    vi.stubEnv('MAYFLY_REDIS_URL', '');
  });

  afterEach(() => void vi.unstubAllEnvs());

  test('an environment starts all the same, and says why it does so without', async () => {
    const reasons: string[] = [];
    await using environment = await startEnvironment(
      {},
      { onProgress: (event) => void (event.type === 'runtime' && reasons.push(event.reason)) },
    );

    expect(await askPostgres(environment.details.postgres.url, 'SELECT 1')).toBe(1);
    expect(await askRedis(environment.details.redis.url, 'PING')).toBe('PONG');
    expect(reasons).toEqual([environment.runtime]);
    expect(environment.runtime).toMatch(/^embedded: The Docker daemon does not answer: .*\.$/);
  });

  test('an environment that is to be on Docker does not start, and nothing is left', async () => {
    await expect(startEnvironment({ runtime: 'docker' })).rejects.toMatchObject({ code: 'MAYFLY_DOCKER_UNAVAILABLE' });
    expect(await leftoversOf(state)).toEqual([]);
  });
});
