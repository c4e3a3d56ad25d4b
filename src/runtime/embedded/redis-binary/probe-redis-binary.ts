import { MayflyError } from '../../../errors/mayfly-error.ts';
import { locateRedis } from './locate-redis.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';
import { demandUsable } from './redis-cache.ts';

/** Whether there is a Redis server for the embedded runtime. */
export type RedisAvailability =
  | { readonly state: 'ready'; readonly binary: RedisBinary }
  /** None is on this machine that runs, for the `reason` given; the next run can fetch one from `origin`. */
  | { readonly state: 'downloadable'; readonly origin: string; readonly reason: string }
  /** The next run would throw this error. */
  | { readonly state: 'impossible'; readonly error: MayflyError };

/**
 * Says, for `mayfly doctor`, what `findRedisBinary` would do, without fetching or changing anything. Whether the archive
 * can be reached is not tried. Throws the signal's own reason when it is aborted.
 */
export async function probeRedisBinary(options: Omit<FindRedisOptions, 'onProgress'>): Promise<RedisAvailability> {
  try {
    const location = await locateRedis(options);
    if (location.found !== undefined) {
      return { state: 'ready', binary: location.found };
    }
    const { archive, cache, search } = location;
    await demandUsable(cache);
    return { state: 'downloadable', origin: archive.name, reason: search };
  } catch (error) {
    if (error instanceof MayflyError) {
      return { state: 'impossible', error };
    }
    throw error;
  }
}
