import { downloadRedis } from './download-redis.ts';
import { locateRedis } from './locate-redis.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';

/**
 * Finds a Redis server that runs on this machine: the configured one; else `redis-server`, then `valkey-server`, on PATH;
 * else one that was downloaded before; else one downloaded now, without root, from the distribution's signed package
 * archive (2 to 4 s).
 *
 * Throws the signal's own reason when it is aborted, and leaves nothing half done.
 *
 * @throws MayflyError `MAYFLY_REDIS_BINARY_MISSING`, `MAYFLY_REDIS_DOWNLOAD_FAILED`, `MAYFLY_CACHE_UNUSABLE`.
 */
export async function findRedisBinary(options: FindRedisOptions): Promise<RedisBinary> {
  const location = await locateRedis(options);
  return location.found ?? downloadRedis(location, options);
}
