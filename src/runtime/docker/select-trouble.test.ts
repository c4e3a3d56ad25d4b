import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { connectDocker } from './client.ts';
import { ensureImage } from './images.ts';
import { chooseNetwork } from './network.ts';
import { probeDocker } from './probe.ts';

const proxy = await useDockerProxy();
const never = new AbortController().signal;
const { docker: env } = readProcessEnv();
const note = (): void => {};

// Before anybody has connected: Testcontainers keeps its client.
const firstConnection = await abandonFirstConnection();

describe.skipIf(await isMissing('docker'))('a daemon that hangs', () => {
  afterEach(() => proxy.calm());

  test('after it has said that it is there is given up, and its connection ended', () => {
    expect(firstConnection).toEqual({ outcome: new Error('no more'), hasHungUp: true });
  });

  const images = /^GET \/images\//;
  const questions: Record<string, { hangs: RegExp; ask: (signal: AbortSignal) => Promise<unknown> }> = {
    'whether it has an image': { hangs: images, ask: (signal) => ensure('mayfly-no-such-image:1', signal) },
    'for an image': { hangs: /^POST \/images\/create/, ask: (signal) => ensure('mayfly-no-such-image:1', signal) },
    'about its network': {
      hangs: /^GET \/networks\//,
      ask: async (signal) => chooseNetwork(await connect(), {}, signal),
    },
    'who it is': { hangs: /^GET \/info/, ask: async (signal) => chooseNetwork(await connect(), {}, signal) },
    'for its images, by the doctor': {
      hangs: images,
      ask: (signal) => probeDocker(env, ['mayfly-no-such-image:1'], signal),
    },
  };

  test.for(Object.entries(questions))(
    'when it is asked %s is not waited for once nobody wants to know',
    async ([, question]) => {
      const fault = proxy.trouble('hang', question.hangs);
      const abort = new AbortController();
      const asking = question.ask(abort.signal);
      await fault.met;

      abort.abort(new Error('no more'));

      await expect(asking).rejects.toThrow('no more');
      await fault.hungUp;
    },
  );

  test('is waited for by whoever has not given it up', async () => {
    const { redis } = configuredImages();
    const fault = proxy.trouble('hang', images);
    const abort = new AbortController();
    const first = ensure('mayfly-no-such-image:2', abort.signal);
    const second = ensure('mayfly-no-such-image:2', never);
    await fault.met;
    abort.abort(new Error('no more'));
    await expect(first).rejects.toThrow('no more');

    await fault.end();

    await expect(second).rejects.toMatchObject({ code: 'MAYFLY_IMAGE_UNAVAILABLE' });
    await expect(ensure(redis, never)).resolves.toBeUndefined();
  });

  test('that breaks off in the middle of a pull ends it', async () => {
    proxy.trouble('break off', /^POST \/images\/create/);

    await expect(ensure('mayfly-no-such-image:1', never)).rejects.toMatchObject({
      code: 'MAYFLY_IMAGE_UNAVAILABLE',
      message: expect.stringContaining('could not be pulled: its answer broke off.'),
    });
  });
});

async function ensure(image: string, signal: AbortSignal): Promise<void> {
  await ensureImage(await connect(), image, { signal, note });
}

function connect(): ReturnType<typeof connectDocker> {
  return connectDocker(env, never);
}

async function abandonFirstConnection(): Promise<{ outcome: unknown; hasHungUp: boolean }> {
  const silence = proxy.trouble('hang', /^GET \/info/);
  const abort = new AbortController();
  const connecting = connectDocker(env, abort.signal).catch((error: unknown) => error);
  // Where there is no daemon nobody is met.
  await Promise.race([silence.met, connecting]);
  abort.abort(new Error('no more'));
  const outcome = await connecting;
  const hasHungUp = silence.hungUp.then(() => true);
  const result = { outcome, hasHungUp: await Promise.race([hasHungUp, setTimeout(5_000, false)]) };
  await proxy.calm();
  return result;
}
