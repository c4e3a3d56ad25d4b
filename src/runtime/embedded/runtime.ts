import type { PostgresSettings, RedisSettings } from '../../config/settings.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { PostgresDetails, RedisDetails, Runtime, Server } from '../runtime.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** What the embedded runtime is told about this machine. */
export interface EmbeddedOptions {
  /** Keeps programs and the fresh data directory from run to run. */
  readonly cacheDirectory: string;
  /** Where servers keep their data, instead of memory or the temporary directory. */
  readonly dataDirectory: string | undefined;
  /** A Redis or Valkey server to use instead of one that is found. */
  readonly redisBinary: string | undefined;
  /** Directories with programs, as in PATH. */
  readonly searchPath: string;
}

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
