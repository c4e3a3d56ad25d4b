import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { askPostgres, askRedis } from '../../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { connectDocker } from './client.ts';

const never = new AbortController().signal;

describe('a daemon', () => {
  // Where Testcontainers has a configuration file only that file tells where Docker is.
  beforeAll(() => void vi.stubEnv('HOME', makeDirectory()));

  afterAll(() => void vi.unstubAllEnvs());

  test.for([
    ['tcp://127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
    ['unix:///nonexistent/docker.sock', 'connect ENOENT /nonexistent/docker.sock'],
  ])('that is not at DOCKER_HOST=%s is not looked for elsewhere', async ([host, reason]) => {
    await expect(connectDocker({ host, runtimeDirectory: undefined }, never)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringContaining(
        `nothing answers at DOCKER_HOST=${host} (${reason}). Start Docker, set DOCKER_HOST`,
      ),
    });
  });

  test.for(['tcp', 'unix'] as const)('that takes a %s connection and says nothing is given up', async (kind) => {
    const { host, hungUp } = await listenInSilence(kind);

    await expect(connectDocker({ host, runtimeDirectory: undefined }, never, 200)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringContaining('it has not answered within 200 ms'),
    });
    // An open connection would keep the process alive.
    await hungUp;
  });

  test('is no longer waited for when the start is given up', async () => {
    const { host, hungUp } = await listenInSilence('tcp');
    const abort = new AbortController();
    const connecting = connectDocker({ host, runtimeDirectory: undefined }, abort.signal);

    abort.abort(new Error('no more'));

    await expect(connecting).rejects.toThrow('no more');
    await hungUp;
  });
});

describe.skipIf((await isMissing('docker')) || process.platform !== 'linux')('a daemon on another machine', () => {
  const state = useOwnState();

  afterAll(() => expectNothingLeft(state));

  test('runs the servers there, and they are reached there', async () => {
    const here = await connectDocker(readProcessEnv().docker, never);
    // To everybody but the kernel 127.0.0.2 is not this machine.
    const proxy = createServer((client) => void forward(client, here)).listen(0, '127.0.0.2');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');

    await using program = new HeldEnvironment(
      { runtime: 'docker' },
      { env: { DOCKER_HOST: `tcp://127.0.0.2:${portOf(proxy)}` } },
    );
    const { details, error } = await program.report;

    expect(error).toBeUndefined();
    expect(details).toMatchObject({ postgres: { host: '127.0.0.2' }, redis: { host: '127.0.0.2' } });
    expect(await askPostgres(details!.postgres.url, 'SELECT 1')).toBe(1);
    expect(await askRedis(details!.redis.url, 'PING')).toBe('PONG');
  });
});

/** Somebody who accepts connections and never says a word, and the moment when the first of them is closed. */
async function listenInSilence(kind: 'tcp' | 'unix'): Promise<{ host: string; hungUp: Promise<unknown> }> {
  const path = join(makeDirectory(), 'docker.sock');
  const server = createServer((socket) => void socket.resume());
  const hungUp = once(server, 'connection').then(([socket]: Socket[]) => once(socket!, 'close'));
  onTestFinished(() => void server.close());
  await once(kind === 'tcp' ? server.listen(0, '127.0.0.1') : server.listen(path), 'listening');
  return { host: kind === 'tcp' ? `tcp://127.0.0.1:${portOf(server)}` : `unix://${path}`, hungUp };
}

/** Connects somebody who speaks to us with the daemon that this process uses. */
async function forward(client: Socket, { container }: ContainerRuntimeClient): Promise<void> {
  const { socketPath, host, port } = container.dockerode.modem as { socketPath?: string; host?: string; port?: number };
  const daemon = createConnection(socketPath === undefined ? { host, port: Number(port) } : { path: socketPath });
  // Either may hang up on the other.
  await Promise.allSettled([pipeline(client, daemon), pipeline(daemon, client)]);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
