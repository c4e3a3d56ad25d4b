import type { PostgresSettings, RedisSettings } from '../../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../../connection/details.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { Runtime, Server } from '../runtime.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** Uses servers that run already. None is started or stopped; what is made on them is removed. */
export class ExternalRuntime implements Runtime {
  readonly name = 'external';

  async startPostgres(settings: PostgresSettings, context: ServiceContext): Promise<Server<PostgresDetails>> {
    return startPostgres(settings, context);
  }

  async startRedis(settings: RedisSettings): Promise<Server<RedisDetails>> {
    return startRedis(settings);
  }
}
