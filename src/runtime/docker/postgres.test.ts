import { afterAll, describe, expect, test, vi } from 'vitest';
import { askPostgres } from '../../../fixtures/harness/clients.ts';
import { deriveImage, outputIn } from '../../../fixtures/harness/containers.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

/** Where an image keeps its data, the second as those of the official repository do. */
const layouts: Record<string, readonly string[]> = {
  'in the configured image': [],
  'in one that declares a volume': ['ENV PGDATA=/var/lib/postgresql/18/docker', 'VOLUME /var/lib/postgresql'],
};

const image = configuredImages().postgres;

describe.skipIf(await isMissing('docker'))('the data of Postgres in a container', () => {
  afterAll(() => {
    vi.unstubAllEnvs();
    return expectNothingLeft(state);
  });

  test.for(Object.entries(layouts))('lie in memory %s', async ([, instructions]) => {
    vi.stubEnv('MAYFLY_POSTGRES_IMAGE', instructions.length === 0 ? image : await deriveImage(image, ...instructions));
    await using environment = await startEnvironment({ redis: false }, { runtime: 'docker' });
    const { url, place } = environment.details.postgres;

    const directory = String(await askPostgres(url, 'SHOW data_directory'));

    expect(await outputIn(place, ['stat', '--file-system', '--format=%T', `${directory}/base`])).toBe('tmpfs');
  });
});
