import { GenericContainer, Wait } from 'testcontainers';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { containerAt } from '../../../fixtures/harness/containers.ts';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { killWithReaper, makeOld } from '../../../fixtures/harness/kill-with-reaper.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { sweep } from '../../environment/clean-up/sweep.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { containerService } from './container-service.ts';

const state = useOwnState();
const alone = { postgres: false, redis: false } as const;

/** In milliseconds. */
const patiently = { timeout: 15_000, interval: 20 };

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('docker'))("a container of the user's own", () => {
  test('carries the marks of its session, and goes with the environment', async () => {
    const queue = containerService({
      name: 'queue',
      // As one is that has to be built first.
      container: async () =>
        new GenericContainer(configuredImages().redis)
          .withExposedPorts(6379)
          .withLabels({ mine: 'too' })
          .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/)),
      check: async (started) => {
        const { output } = await started.exec(['redis-cli', 'ping']);
        expect(output).toBe('PONG\n');
      },
      details: (started) => ({ id: started.getId(), port: started.getMappedPort(6379) }),
    });

    const environment = await startEnvironment({ ...alone, services: [queue] });

    const { id, port } = environment.details.queue;
    expect(port).toBeGreaterThan(0);
    const { Config } = await (await containerAt(id)).inspect();
    expect(Config.Labels).toMatchObject({
      mine: 'too',
      'dev.mayfly.session': environment.session,
      'dev.mayfly.service': 'queue',
    });
    expect((await environment.stop()).steps).toMatchObject([{ service: 'queue', outcome: 'stopped' }]);
    expect(await leftoversOf(state)).toEqual([]);
  });

  test('goes with a program that is killed', async () => {
    const program = hold();
    await program.report;
    expect(await leftoversOf(state)).toContainEqual(expect.stringMatching(/^container .* running$/));

    program.child.kill('SIGKILL');

    await program.ended;
    await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), patiently);
  });

  test('goes with a program that is killed while the container starts', async () => {
    const known = new Set(state.sessions.keys());
    const program = hold();
    await vi.waitUntil(() => [...state.sessions].some(([id, { hadContainers }]) => !known.has(id) && hadContainers), {
      interval: 1,
      timeout: 30_000,
    });

    program.child.kill('SIGKILL');

    await program.ended;
    await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), patiently);
  });

  test('goes with a sweep where the reaper was killed as well', async () => {
    const program = hold();
    const { session, directory = '' } = await program.report;
    await killWithReaper(program);
    makeOld(directory);

    const options = { dryRun: false, signal: AbortSignal.timeout(60_000) };
    const swept = (await sweep(readProcessEnv(), options)).filter((each) => each.session === session);

    expect(swept).toMatchObject([{ outcome: 'gone', owned: ['containers:queue'], failures: [] }]);
    expect(await leftoversOf(state)).toEqual([]);
  });

  test('that ends before it is ready leaves nothing, and takes what had started with it', async () => {
    const queue = containerService({
      name: 'queue',
      container: () =>
        new GenericContainer(configuredImages().redis)
          .withEntrypoint(['sh', '-c', 'echo no such queue >&2; exit 3'])
          .withWaitStrategy(Wait.forLogMessage('ready')),
    });

    await expect(startEnvironment({ postgres: false, services: [queue] })).rejects.toMatchObject({
      code: 'MAYFLY_SERVICE_START_FAILED',
      service: 'queue',
    });
    expect(await leftoversOf(state)).toEqual([]);
  });
});

test('where there is no Docker it says that it needs one, whatever the runtime', async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  onTestFinished(() => void vi.unstubAllEnvs());
  const queue = containerService({ name: 'queue', container: () => new GenericContainer('queue:1') });

  await expect(startEnvironment({ ...alone, services: [queue] }, { runtime: 'embedded' })).rejects.toMatchObject({
    code: 'MAYFLY_DOCKER_UNAVAILABLE',
    service: 'queue',
    message: expect.stringMatching(
      /^Service "queue" is a container\. The Docker daemon does not answer: .*needs it on every runtime\.$/,
    ),
  });
});

/** A program that has such a container, and nothing else. */
function hold(): HeldEnvironment {
  return new HeldEnvironment(alone, { program: 'hold-container.ts' });
}
