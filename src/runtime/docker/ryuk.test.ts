import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DockerProxy } from '../../../fixtures/harness/docker-proxy.ts';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { killWithReaper } from '../../../fixtures/harness/kill-with-reaper.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { buildRyukImage, type RyukImage } from '../../../fixtures/harness/ryuk-image.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';

const state = useOwnState();
const definition = { runtime: 'docker' } as const;
const absent = 'mayfly-no-such-image:1';

describe.skipIf(await isMissing('docker'))('Ryuk', () => {
  let image: RyukImage;
  /** The daemon, as on another machine: to everybody but the kernel 127.0.0.2 is not this one. */
  let remote: DockerProxy;

  beforeAll(async () => {
    image = await buildRyukImage();
    remote = await DockerProxy.open({ host: '127.0.0.2' });
  });
  afterEach(() => image.gone());
  afterAll(async () => {
    await remote[Symbol.asyncDispose]();
    await image[Symbol.asyncDispose]();
    await expectNothingLeft(state);
  });

  const hold = (variables: Readonly<Record<string, string>>): HeldEnvironment =>
    new HeldEnvironment(definition, {
      env: { RYUK_CONTAINER_IMAGE: image.name, TESTCONTAINERS_RYUK_RECONNECTION_TIMEOUT: '1s', ...variables },
    });

  test('does not run beside a daemon on this machine', async () => {
    await using program = hold({});

    expect(await program.report).toMatchObject({ session: expect.any(String), notes: [] });
    expect(await image.containers()).toEqual([]);
  });

  test('runs where it is asked for, once, and the session takes its containers away itself', async () => {
    await using program = hold({ MAYFLY_RYUK: 'on' });
    expect(await program.report).toMatchObject({ session: expect.any(String), notes: [] });
    const ryuk = await image.containers();

    await program.stop();

    expect(ryuk).toHaveLength(1);
    expect(await leftoversOf(state)).toEqual([]);
    await image.gone();
  });

  test('takes the containers away when the program and the reaper are killed, and goes itself', async () => {
    await using program = hold({ MAYFLY_RYUK: 'on' });
    const { directory, error } = await program.report;
    expect(error).toBeUndefined();
    const containers = async (): Promise<string[]> =>
      (await leftoversOf(state)).filter((left) => left.startsWith('container'));
    expect(await containers()).toHaveLength(2);

    await killWithReaper(program);

    await vi.waitUntil(async () => (await containers()).length === 0, { timeout: 30_000, interval: 50 });
    await image.gone();
    rmSync(directory!, { recursive: true });
  });

  test('runs beside a daemon on another machine', async () => {
    await using program = hold({ DOCKER_HOST: remote.url });

    expect(await program.report).toMatchObject({ session: expect.any(String), notes: [] });
    expect(await image.containers()).toHaveLength(1);
  });

  test.for([{ MAYFLY_RYUK: 'off' }, { TESTCONTAINERS_RYUK_DISABLED: 'true' }])(
    'does not run there with %o',
    async (off) => {
      await using program = hold({ DOCKER_HOST: remote.url, ...off });

      expect(await program.report).toMatchObject({ session: expect.any(String), notes: [] });
      expect(await image.containers()).toEqual([]);
    },
  );

  test('that cannot be started there is done without, which is said once', async () => {
    await using program = hold({ DOCKER_HOST: remote.url, RYUK_CONTAINER_IMAGE: absent });

    const { session, notes } = await program.report;

    expect(session).toBeDefined();
    expect(notes).toEqual([
      expect.stringMatching(/^Ryuk could not be started, so nobody .* looks after the containers: \(HTTP code/),
    ]);
  });

  test.for([
    [
      { RYUK_CONTAINER_IMAGE: absent },
      /could not be started: \(HTTP code .* Name an image .* or leave out MAYFLY_RYUK\.$/,
    ],
    [{ TESTCONTAINERS_RYUK_DISABLED: 'true' }, /could not be started: TESTCONTAINERS_RYUK_DISABLED forbids it\. /],
  ] as const)('that is asked for and cannot be started is an error with %o', async ([variables, says]) => {
    await using program = hold({ MAYFLY_RYUK: 'on', ...variables });

    expect((await program.report).error).toMatchObject({
      code: 'MAYFLY_RYUK_UNAVAILABLE',
      message: expect.stringMatching(says),
    });
    expect(await leftoversOf(state)).toEqual([]);
  });
});
