import { GenericContainer, Wait } from 'testcontainers';
import { afterAll, describe, expect, test } from 'vitest';
import { containerAt } from '../../../fixtures/harness/containers.ts';
import { openContext } from '../../../fixtures/harness/context.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { connectDocker } from './client.ts';
import { containerService } from './container-service.ts';
import { startContainer } from './container.ts';
import { waitForQuery } from './wait-for-query.ts';

const state = useOwnState();
const docker = { runtime: 'docker' } as const;

describe.skipIf(await isMissing('docker'))('a server in a container', () => {
  afterAll(() => expectNothingLeft(state));

  test('carries the session, its service and its owner as labels', async () => {
    await using environment = await startEnvironment({}, docker);

    for (const service of ['postgres', 'redis'] as const) {
      const { Config } = await (await containerAt(environment.details[service].place)).inspect();
      expect(Config.Labels).toMatchObject({
        'dev.mayfly.session': environment.session,
        'dev.mayfly.service': service,
      });
      expect(JSON.parse(Config.Labels['dev.mayfly.owner']!)).toMatchObject({ pid: process.pid });
    }
  });

  test('that somebody else removes is missed by health and not by the teardown', async () => {
    const environment = await startEnvironment({ postgres: false }, docker);
    await (await containerAt(environment.details.redis.place)).remove({ force: true });

    expect(await environment.health()).toMatchObject({ healthy: false, services: { redis: { healthy: false } } });
    expect((await environment.stop()).steps).toMatchObject([{ service: 'redis', outcome: 'stopped' }]);
  });

  test('that cannot use a setting says so in its own words', async () => {
    const postgres = { settings: { shared_buffers: 'plenty' } };

    await expect(startEnvironment({ redis: false, postgres }, docker)).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      service: 'postgres',
      message: expect.stringMatching(/\| .*FATAL: {2}invalid value for parameter "shared_buffers": "plenty"\n/),
    });
    expect(await leftoversOf(state)).toEqual([]);
  });

  test('whose start is given up goes at once, whatever it is still waited for', async () => {
    const abort = new AbortController();
    const service = containerService({
      name: 'sloth',
      container: () => {
        setImmediate(() => abort.abort());
        return new GenericContainer(configuredImages().redis).withWaitStrategy(Wait.forLogMessage('never said'));
      },
    });

    const definition = { postgres: false, redis: false, services: [service] } as const;
    await expect(startEnvironment(definition, { signal: abort.signal })).rejects.toMatchObject({
      code: 'MAYFLY_ABORTED',
    });
    expect(await leftoversOf(state)).toEqual([]);
  });

  test('that runs and never answers is ended, and its log is shown', async () => {
    await using context = openContext(state);
    const client = await connectDocker(readProcessEnv().docker, context.signal);
    const ask = (): Promise<void> => Promise.reject(new Error('nobody there'));
    const container = new GenericContainer(configuredImages().redis)
      .withEntrypoint(['sh', '-c', 'echo warming up; exec sleep 600'])
      .withExposedPorts(6379)
      .withWaitStrategy(waitForQuery({ service: 'sloth', ask, signal: context.signal, timeout: 500 }));

    await expect(startContainer(client, 'sloth', container, context)).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_NOT_READY',
      message: expect.stringMatching(/did not answer a query within 500 ms: nobody there\. .*\n {2}\| warming up\n/),
    });
  });
});
