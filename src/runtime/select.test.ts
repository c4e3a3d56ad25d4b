import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeDirectory } from '../../fixtures/harness/directories.ts';
import { configuredImages, isMissing } from '../../fixtures/harness/runtimes.ts';
import type { EnvironmentDefinition } from '../config/definition.ts';
import { readProcessEnv } from '../config/process-env.ts';
import { resolveSettings } from '../config/settings.ts';
import type { RuntimeName } from '../connection/runtime-name.ts';
import { selectRuntime } from './select.ts';

const nowhere = { DOCKER_HOST: 'tcp://127.0.0.1:1' };
const postgresUrl = 'postgres://127.0.0.1/db';
const redisUrl = 'redis://127.0.0.1';
/** Where no registry is: a pull fails at once. */
const absent = '127.0.0.1:1/absent:1';

// Where Testcontainers has a configuration file only that file tells where Docker is.
beforeAll(() => void vi.stubEnv('HOME', makeDirectory()));

afterAll(() => void vi.unstubAllEnvs());

describe('what was named is used, and who named it is said', () => {
  test.for([
    ['by the command line', {}, {}, 'embedded', 'embedded, named by --runtime'],
    ['by MAYFLY_RUNTIME', {}, { MAYFLY_RUNTIME: 'embedded' }, undefined, 'embedded, named by MAYFLY_RUNTIME'],
    ['by the definition', { runtime: 'external' }, {}, undefined, 'external, named by the definition'],
    [
      'whatever else is configured',
      { runtime: 'embedded' },
      { MAYFLY_REDIS_URL: redisUrl },
      undefined,
      'embedded, named by the definition',
    ],
  ] as const)('%s', async ([, definition, variables, runtime, reason]) => {
    const name = reason.split(',')[0];

    expect(await select(definition, { ...nowhere, ...variables }, runtime)).toEqual([name, name, reason, []]);
  });

  test('docker too, or its absence is an error', async () => {
    await expect(select({ runtime: 'docker' }, nowhere)).rejects.toMatchObject({ code: 'MAYFLY_DOCKER_UNAVAILABLE' });
  });
});

describe('left to itself Mayfly', () => {
  test('starts nothing where URLs are configured', async () => {
    const variables = { ...nowhere, MAYFLY_DATABASE_URL: postgresUrl, MAYFLY_REDIS_URL: redisUrl };
    const reason = 'external: the URLs are configured, so nothing is started';

    expect(await select({}, variables)).toEqual(['external', 'external', reason, []]);
    expect(await select({ redis: false }, { ...variables, MAYFLY_REDIS_URL: '' })).toContain(reason);
  });

  test('does not look for Docker where no server is wanted', async () => {
    expect(await select({ postgres: false, redis: false }, nowhere)).toContain(
      'nowhere: neither Postgres nor Redis is wanted',
    );
  });

  test('takes plain processes where Docker does not answer', async () => {
    const reason =
      'embedded: The Docker daemon does not answer: nothing answers at DOCKER_HOST=tcp://127.0.0.1:1 ' +
      '(connect ECONNREFUSED 127.0.0.1:1).';

    expect(await select({}, nowhere)).toEqual(['embedded', 'embedded', reason, []]);
  });

  test('uses a configured server beside one that it starts', async () => {
    const [postgres, redis, reason] = await select({ redis: { url: redisUrl } }, nowhere);

    expect([postgres, redis]).toEqual(['embedded', 'external']);
    expect(reason).toMatch(/^embedded: .*; external where a URL is configured$/);
  });

  test('looks no further when the start is given up', async () => {
    const abort = AbortSignal.abort(new Error('no more'));

    await expect(select({}, nowhere, 'auto', abort)).rejects.toThrow('no more');
  });
});

describe.skipIf(await isMissing('docker'))('where Docker answers Mayfly', () => {
  const { postgres, redis } = configuredImages();
  const here = { ...process.env, MAYFLY_POSTGRES_IMAGE: postgres, MAYFLY_REDIS_IMAGE: redis };

  test('takes it if it has the images', async () => {
    const reason = 'docker: the daemon answers and has the images';

    expect(await select({}, here, 'auto')).toEqual(['docker', 'docker', reason, []]);
  });

  test('asks for the images of those servers alone that it is to start', async () => {
    const variables = { ...here, MAYFLY_POSTGRES_IMAGE: absent };

    expect(await select({ postgres: false }, variables, 'auto')).toContain('docker');
    expect(await select({ postgres: { url: postgresUrl } }, variables, 'auto')).toContain('docker');
  });

  test('takes plain processes if an image cannot be had', async () => {
    const [, chosen, reason, notes] = await select({}, { ...here, MAYFLY_REDIS_IMAGE: absent }, 'auto');

    expect(chosen).toBe('embedded');
    expect(reason).toMatch(/^embedded: The image 127\.0\.0\.1:1\/absent:1 is not on the Docker host and could not be/);
    expect(notes).toEqual([`pulling ${absent}`]);
  });

  test('fails if an image cannot be had and docker was named', async () => {
    await expect(select({}, { ...here, MAYFLY_REDIS_IMAGE: absent }, 'docker')).rejects.toMatchObject({
      code: 'MAYFLY_IMAGE_UNAVAILABLE',
      message: expect.stringMatching(
        /connection refused.*or name another in MAYFLY_POSTGRES_IMAGE or MAYFLY_REDIS_IMAGE\.$/,
      ),
    });
  });
});

/** Which runtime was chosen for Postgres and for Redis, why, and what the user was told meanwhile. */
async function select(
  definition: EnvironmentDefinition,
  variables: Readonly<Record<string, string | undefined>>,
  runtime?: RuntimeName | 'auto',
  signal: AbortSignal = new AbortController().signal,
): Promise<[RuntimeName, RuntimeName, string, string[]]> {
  const env = readProcessEnv(variables);
  const notes: string[] = [];
  const note = (message: string): void => void notes.push(message);
  const selection = await selectRuntime(resolveSettings(definition, env, { runtime }), env, { signal, note });
  return [selection.postgres.name, selection.redis.name, selection.reason, notes];
}
