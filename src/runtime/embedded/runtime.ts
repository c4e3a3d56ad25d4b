import type { PostgresSettings, RedisSettings } from '../../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../../connection/details.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { Runtime, Server } from '../runtime.ts';
import type { EmbeddedOptions } from './options.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** Runs real servers as plain processes on the loopback address. */
export class EmbeddedRuntime implements Runtime {
  readonly name = 'embedded';
  readonly #options: EmbeddedOptions;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  async startPostgres(options: PostgresSettings, context: ServiceContext): Promise<Server<PostgresDetails>> {
    return startPostgres(options, context, this.#options);
  }

  async startRedis(options: RedisSettings, context: ServiceContext): Promise<Server<RedisDetails>> {
    return startRedis(options, context, this.#options);
  }
}
