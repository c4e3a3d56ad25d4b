import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { askPostgres, askRedis } from '../../../fixtures/harness/clients.ts';
import { containerAt } from '../../../fixtures/harness/containers.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

describe.skipIf(await isMissing('docker'))('servers in containers', () => {
  afterAll(() => expectNothingLeft(state));
  afterEach(() => void vi.unstubAllEnvs());

  test.each(['host', 'published'])('answer on the %s network, on the loopback address', async (network) => {
    vi.stubEnv('MAYFLY_DOCKER_NETWORK', network);
    await using environment = await startEnvironment({}, { runtime: 'docker' });
    const { postgres, redis } = environment.details;

    for (const { place } of [postgres, redis]) {
      const { HostConfig, NetworkSettings } = await (await containerAt(place)).inspect();
      expect(HostConfig.NetworkMode === 'host').toBe(network === 'host');
      const published = Object.values(NetworkSettings.Ports).flat();
      expect(published.map(({ HostIp }) => HostIp)).toEqual(network === 'host' ? [] : ['127.0.0.1']);
    }
    expect([postgres.host, redis.host]).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(await askPostgres(postgres.url, 'SELECT 1')).toBe(1);
    expect(await askRedis(redis.url, 'PING')).toBe('PONG');
  });
});
