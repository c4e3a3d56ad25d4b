import { randomBytes } from 'node:crypto';
import { RedisContainer } from '@testcontainers/redis';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { RedisSettings } from '../../config/settings.ts';
import type { ServiceContext } from '../../service/service.ts';
import { connectionUrl } from '../connection-url.ts';
import { pingRedis } from '../redis-connection.ts';
import type { RedisDetails, Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import { publishOnLoopback } from './publish.ts';
import { reachableHost, startServerContainer } from './server-container.ts';

const redisPort = 6379;

/**
 * The server reads its settings from standard input: the password would be seen among its arguments. A here-document
 * rather than a pipe, so that the server itself is process 1.
 */
const startCommand = 'exec docker-entrypoint.sh redis-server - <<END\n$REDIS_SETTINGS\nEND\n';

/** Starts Redis in a container; it keeps everything in memory. */
export async function startRedis(
  settings: RedisSettings,
  context: ServiceContext,
  client: ContainerRuntimeClient,
): Promise<Server<RedisDetails>> {
  const login = { username: 'default', password: randomBytes(24).toString('hex'), database: 0 };
  const lines = [`requirepass ${login.password}`, `databases ${settings.databases}`, 'save ""', 'appendonly no'];
  const container = new TestRedis(settings.image, reachableHost(client) === '127.0.0.1')
    .withEnvironment({ REDIS_SETTINGS: lines.join('\n') })
    .withCommand(['sh', '-c', startCommand]);
  const urlAt = (host: string, port: number): string =>
    connectionUrl('redis', { host, port, ...login, user: login.username });
  const running = await startServerContainer(
    client,
    {
      service: 'redis',
      container,
      port: redisPort,
      hostPort: settings.port,
      query: (host, port) => pingRedis(urlAt(host, port)),
    },
    context,
  );
  const { host, port, place, remove } = running;
  const details: RedisDetails = { host, port, ...login, url: urlAt(host, port), runtime: 'docker', place };
  return startedServer({ details, ping: () => pingRedis(details.url), release: remove });
}

class TestRedis extends RedisContainer {
  readonly #isLocal: boolean;

  constructor(image: string, isLocal: boolean) {
    super(image);
    this.#isLocal = isLocal;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    if (this.#isLocal) {
      publishOnLoopback(this.hostConfig);
    }
  }
}
