import { randomBytes } from 'node:crypto';
import { RedisContainer } from '@testcontainers/redis';
import type { RedisSettings } from '../../config/settings.ts';
import { connectionUrl } from '../../connection/connection-url.ts';
import type { RedisDetails } from '../../connection/details.ts';
import { pingRedis } from '../../connection/redis-connection.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import { arrangePorts, type DockerNetwork } from './network.ts';
import { startServerContainer, type DockerHost, type Listen } from './server-container.ts';

/**
 * The server reads its settings from standard input: the password would be seen among its arguments. A here-document
 * rather than a pipe, so that the server itself is process 1.
 */
const startCommand = 'exec docker-entrypoint.sh redis-server - <<END\n$REDIS_SETTINGS\nEND\n';

/** Starts Redis in a container; it keeps everything in memory. */
export async function startRedis(
  settings: RedisSettings,
  context: ServiceContext,
  docker: DockerHost,
): Promise<Server<RedisDetails>> {
  const login = { username: 'default', password: randomBytes(24).toString('hex'), database: 0 };
  const urlAt = (host: string, port: number): string =>
    connectionUrl('redis', { host, port, ...login, user: login.username });
  const container = (listen: Listen): RedisContainer =>
    new TestRedis(settings.image, docker.network)
      .withEnvironment({ REDIS_SETTINGS: redisSettings(listen, login.password, settings).join('\n') })
      .withCommand(['sh', '-c', startCommand]);
  const query = (host: string, port: number): Promise<void> => pingRedis(urlAt(host, port));
  const plan = { service: 'redis', container, standardPort: 6379, port: settings.port, query };

  // The client is loaded while there is nothing to do but wait for the container.
  const [{ host, port, place, ended, remove }] = await Promise.all([
    startServerContainer(docker, plan, context),
    import('ioredis'),
  ]);
  const details: RedisDetails = { host, port, ...login, url: urlAt(host, port), runtime: 'docker', place };
  return startedServer({ details, ping: () => pingRedis(details.url), ended, release: remove });
}

function redisSettings({ on, port }: Listen, password: string, { databases }: RedisSettings): string[] {
  return [
    `bind ${on === 'loopback' ? '127.0.0.1' : '* -::*'}`,
    `port ${port}`,
    `requirepass ${password}`,
    `databases ${databases}`,
    'save ""',
    'appendonly no',
  ];
}

class TestRedis extends RedisContainer {
  readonly #network: DockerNetwork;

  constructor(image: string, network: DockerNetwork) {
    super(image);
    this.#network = network;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    arrangePorts(this.hostConfig, this.#network);
  }
}
