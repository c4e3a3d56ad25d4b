import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { GenericContainer } from 'testcontainers';
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { deriveImage } from '../../../fixtures/harness/containers.ts';
import { openContext } from '../../../fixtures/harness/context.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { EnvironmentDefinition } from '../../config/definition.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { pingRedis } from '../../connection/redis-connection.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { connectDocker } from './client.ts';
import { startServerContainer, type ServerContainerPlan } from './server-container.ts';

const state = useOwnState();
const image = configuredImages().redis;
const isUnusable = await isMissing('docker');

afterAll(() => expectNothingLeft(state));

describe.skipIf(isUnusable).each(['host', 'published'])('a server in a container on the %s network', (network) => {
  beforeEach(() => void vi.stubEnv('MAYFLY_DOCKER_NETWORK', network));
  afterEach(() => void vi.unstubAllEnvs());

  test('that ends as soon as it starts leaves its last words', async () => {
    const broken = await deriveImage(image, 'ENTRYPOINT ["sh", "-c", "echo out of ink >&2; exit 3"]');
    vi.stubEnv('MAYFLY_REDIS_IMAGE', broken);

    await expect(startEnvironment({ postgres: false }, { runtime: 'docker' })).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      service: 'redis',
      message: expect.stringMatching(/ended while it was starting \(exit code 3\).*\n {2}\| out of ink\n/),
    });
    expect(await leftoversOf(state)).toEqual([]);
  });

  test.for(['postgres', 'redis'] as const)('is not to be had on a port that is taken: %s', async (server) => {
    const port = portOf(await listen(0));
    const definition: EnvironmentDefinition = { [server]: { port } };

    await expect(startEnvironment(definition, { runtime: 'docker' })).rejects.toMatchObject({
      code: 'MAYFLY_PORT_TAKEN',
      service: server,
      message: expect.stringContaining(`Port ${port} for ${server} is taken.`),
    });
    expect(await leftoversOf(state)).toEqual([]);
  });
});

describe.skipIf(isUnusable)('the port of a server on the host network', () => {
  test('is another one when somebody was faster', async () => {
    await using context = openContext(state);
    const ports: number[] = [];
    const plan: ServerContainerPlan = {
      service: 'redis',
      container: ({ port }) => {
        ports.push(port);
        if (ports.length < 3) {
          void listen(port);
        }
        return new GenericContainer(image).withCommand(['redis-server', '--port', String(port)]);
      },
      standardPort: 6379,
      port: undefined,
      query: (host, port) => pingRedis(`redis://${host}:${port}`),
    };
    const client = await connectDocker(readProcessEnv().docker, context.signal);

    const server = await startServerContainer({ client, network: { kind: 'host' } }, plan, context);

    expect(new Set(ports).size).toBe(3);
    expect(server.port).toBe(ports.at(-1));
    await server.remove();
  });
});

/** Has somebody listen on this port, or on any, until the test has finished, who accepts and says nothing. */
async function listen(port: number): Promise<Server> {
  const listener = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void listener.close());
  await once(listener, 'listening');
  return listener;
}

function portOf(listener: Server): number {
  return (listener.address() as AddressInfo).port;
}
