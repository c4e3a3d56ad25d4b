import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { containerAt } from '../../../fixtures/harness/containers.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const proxy = await useDockerProxy();
const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const onlyRedis = { postgres: false } as const;
const docker = { runtime: 'docker' } as const;

describe.skipIf(await isMissing('docker'))('a container that is watched', () => {
  test('has not died when the daemon went away, and is watched again when it is back', async () => {
    await using environment = await startEnvironment(onlyRedis, docker);
    const container = await containerAt(environment.details.redis.place);
    await proxy.goAway();
    await setImmediate();
    const before = [...environment.deaths];
    await proxy.comeBack();

    // Connections that are kept may not have heard of it yet.
    await vi.waitFor(() => container.kill(), { timeout: 10_000 });

    await vi.waitFor(() => expect(environment.deaths).toHaveLength(1), { timeout: 10_000 });
    expect(before).toEqual([]);
  });

  test('and removed at once has died as well', async () => {
    await using environment = await startEnvironment(onlyRedis, docker);
    await (await containerAt(environment.details.redis.place)).remove({ force: true, v: true });

    await vi.waitFor(() => expect(environment.deaths).toMatchObject([{ service: 'redis' }]), { timeout: 10_000 });
  });
});
