import type { RedisSettings } from '../../config/settings.ts';
import type { RedisDetails } from '../../connection/details.ts';
import { pingRedis, withRedis } from '../../connection/redis-connection.ts';
import type { Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import { serverRefusal } from './server-refusal.ts';
import { parseServerUrl, redisUrlRules } from './server-url.ts';

/** Hands on a Redis that runs already, as it is: nothing is made on it. */
export async function startRedis({ url }: RedisSettings): Promise<Server<RedisDetails>> {
  const server = parseServerUrl(url, redisUrlRules);
  const database = Number(server.path);
  const details: RedisDetails = {
    host: server.host,
    port: server.port,
    username: server.user === '' ? 'default' : server.user,
    password: server.password,
    database,
    url: server.url.href,
    runtime: 'external',
    place: `database ${database}`,
  };
  try {
    // The client itself would go on in another database where there is none of this number.
    await withRedis(details.url, (redis) => redis.select(database));
  } catch (error) {
    throw serverRefusal('redis', server, error);
  }
  return startedServer({ details, ping: () => pingRedis(details.url), release: async () => {} });
}
