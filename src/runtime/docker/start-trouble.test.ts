import { join } from 'node:path';
import { GenericContainer, Wait, type StartedTestContainer, type ContainerRuntimeClient } from 'testcontainers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openContext, type TestContext } from '../../../fixtures/harness/context.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { readManifest } from '../../session/manifest.ts';
import { manifestFile } from '../../session/session-files.ts';
import { connectDocker } from './client.ts';
import { startContainer, type RunningContainer } from './container.ts';
import { sessionLabel } from './labels.ts';
import { removeSession } from './remove-session.ts';
import { waitForQuery } from './wait-for-query.ts';

const proxy = await useDockerProxy();
const state = useOwnState();
const never = new AbortController().signal;

/** The steps of a start, each as the request that it makes. */
const steps = {
  'its creation': /^POST \/containers\/create/,
  'its start': /^POST \/containers\/\w+\/start/,
  'the look at it': /^GET \/containers\/\w+\/json/,
};

describe.skipIf(await isMissing('docker'))('a container whose daemon is in trouble', () => {
  let client: ContainerRuntimeClient;

  beforeAll(async () => {
    client = await connectDocker(readProcessEnv().docker, never);
  });
  afterEach(() => proxy.calm());
  afterAll(() => expectNothingLeft(state));

  const start = (context: TestContext): Promise<RunningContainer<StartedTestContainer>> =>
    startContainer(client, 'sloth', sloth().withWaitStrategy(Wait.forLogMessage('never said')), context);

  describe.each(Object.entries(steps))('at %s', (_, step) => {
    test.for(['hang', 'hang afterwards'] as const)('(%s) goes when its start is given up', async (trouble) => {
      const abort = new AbortController();
      await using context = openContext(state, abort.signal);
      const fault = proxy.trouble(trouble, step);
      const starting = start(context);
      await fault.met;
      const looked = proxy.answered(/^GET \/containers\/json/);

      abort.abort(new Error('no more'));
      // Somebody has looked for containers when the daemon gets round to what it was asked before.
      await looked;
      await fault.end();

      await expect(starting).rejects.toThrow('no more');
      expect(context.notes).toEqual([]);
      expect(await containersOf(context)).toBe(0);
      expect(recordOf(context)).toEqual([]);
    });
  });

  test('that does not answer again stays on record, and its connections are ended', async () => {
    const abort = new AbortController();
    await using context = openContext(state, abort.signal);
    const fault = proxy.trouble('hang', steps['its start']);
    const starting = start(context);
    await fault.met;

    abort.abort();

    await expect(starting).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringMatching(/it was to give up to start the container of sloth, and has not within/),
    });
    await fault.hungUp;
    expect(context.notes).toEqual([expect.stringMatching(/^a container of sloth may have been left behind: /)]);
    expect(recordOf(context)).toEqual(['containers:sloth']);

    await fault.end();
    await removeSession(client, { label: sessionLabel, value: context.ownership.sessionId }, never);
    context.ownership.disown('containers:sloth');
  });

  test.for(['cut', 'break off'] as const)(
    'in the middle of its wait (%s) is given up, in our words',
    async (trouble) => {
      await using context = openContext(state);
      const ask = (): Promise<void> => Promise.reject(new Error('nobody there'));
      const fault = proxy.trouble(trouble, /^POST \/containers\/\w+\/wait/);
      const container = sloth().withWaitStrategy(waitForQuery({ service: 'sloth', ask, signal: never }));

      await expect(startContainer(client, 'sloth', container, context)).rejects.toMatchObject({
        code: 'MAYFLY_DOCKER_UNAVAILABLE',
        message: expect.stringMatching(
          /it was to run the container of sloth, and (socket hang up|its answer broke off)\./,
        ),
      });
      await fault.end();
      expect(await containersOf(context)).toBe(0);
    },
  );

  test('that is stopped and comes back takes away what it had begun', async () => {
    await using context = openContext(state);
    const fault = proxy.trouble('hang', steps['its start']);
    const starting = start(context);
    await fault.met;

    await proxy.goAway();
    await fault.end();
    await proxy.comeBack();

    await expect(starting).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringMatching(/it was to start the container of sloth, and (socket hang up|read ECONNRESET)\./),
    });
    expect(await containersOf(context)).toBe(0);
    expect(recordOf(context)).toEqual([]);
  });

  test('refuses in our words', async () => {
    await using context = openContext(state);
    const container = sloth().withNetworkMode('no-such-network');

    await expect(startContainer(client, 'sloth', container, context)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_REFUSED',
      message: expect.stringMatching(
        /was to start the container of sloth, and did not: .*network no-such-network not found/,
      ),
    });
    expect(await containersOf(context)).toBe(0);
  });

  test('has little time to show a log', async () => {
    await using context = openContext(state);
    proxy.trouble('hang', /^GET \/containers\/\w+\/logs/);
    const ask = (): Promise<void> => Promise.reject(new Error('nobody there'));
    const container = new GenericContainer(configuredImages().redis)
      .withEntrypoint(['sh', '-c', 'echo last words; exit 3'])
      .withWaitStrategy(waitForQuery({ service: 'sloth', ask, signal: never }));

    await expect(startContainer(client, 'sloth', container, context)).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      message: expect.not.stringContaining('last words'),
    });
  });

  async function containersOf({ ownership }: TestContext): Promise<number> {
    const filters = { label: [`${sessionLabel}=${ownership.sessionId}`] };
    return (await client.container.dockerode.listContainers({ all: true, filters })).length;
  }
});

/** A container that takes no notice of anything. */
function sloth(): GenericContainer {
  return new GenericContainer(configuredImages().redis).withEntrypoint(['sleep', '600']);
}

function recordOf({ ownership }: TestContext): string[] {
  const file = join(state.directory, 'sessions', ownership.sessionId, manifestFile);
  return [...(readManifest(file)?.resources.keys() ?? [])];
}
