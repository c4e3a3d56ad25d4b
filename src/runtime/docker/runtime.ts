import type { PostgresSettings, RedisSettings } from '../../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../../connection/details.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { Runtime, Server } from '../runtime.ts';
import type { DockerHost } from './server-container.ts';

/** Runs servers in containers, through Testcontainers. */
export class DockerRuntime implements Runtime {
  readonly name = 'docker';
  readonly #host: DockerHost;

  constructor(host: DockerHost) {
    this.#host = host;
  }

  async startPostgres(settings: PostgresSettings, context: ServiceContext): Promise<Server<PostgresDetails>> {
    const { startPostgres } = await import('./postgres.ts');
    return startPostgres(settings, context, this.#host);
  }

  async startRedis(settings: RedisSettings, context: ServiceContext): Promise<Server<RedisDetails>> {
    const { startRedis } = await import('./redis.ts');
    return startRedis(settings, context, this.#host);
  }
}
