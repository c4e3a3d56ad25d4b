import { MayflyError } from '../../../errors/mayfly-error.ts';
import { findCached, type BrokenEntry } from './cached-redis.ts';
import { readDistribution } from './distribution.ts';
import { installationAdvice } from './installation-advice.ts';
import { searchForRedis, useConfigured } from './installed-redis.ts';
import { findPackageArchive, type PackageArchive } from './package-archive.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';
import { redisCacheIn } from './redis-cache.ts';

/** A server on this machine, or where one can be downloaded from. */
export type RedisLocation = { readonly found: RedisBinary } | DownloadableRedis;

/** That there is no server on this machine, and what is needed to download one. */
export interface DownloadableRedis {
  readonly found: undefined;
  readonly archive: PackageArchive;
  /** The directory for downloaded servers. */
  readonly cache: string;
  readonly broken: readonly BrokenEntry[];
  /** What was looked for in vain: a sentence without its full stop. */
  readonly search: string;
}

/**
 * Looks for a server on this machine: the configured one, else on PATH, else in the cache. Fetches and changes nothing.
 *
 * @throws MayflyError `MAYFLY_REDIS_BINARY_MISSING` when the configured one cannot be used, or there is none and none can
 * be downloaded; `MAYFLY_CACHE_UNUSABLE`.
 */
export async function locateRedis({
  configured,
  searchPath,
  cacheDirectory,
  signal,
}: Omit<FindRedisOptions, 'onProgress'>): Promise<RedisLocation> {
  if (configured !== undefined) {
    return { found: await useConfigured(configured, signal) };
  }
  const onPath = await searchForRedis(searchPath, signal);
  if (onPath.binary !== undefined) {
    return { found: onPath.binary };
  }
  const distribution = await readDistribution();
  const cache = redisCacheIn(cacheDirectory);
  const cached = distribution && (await findCached(cache, distribution, signal));
  if (cached?.binary !== undefined) {
    return { found: cached.binary };
  }
  const archive = await findPackageArchive(distribution, searchPath);
  const broken = cached?.broken ?? [];
  const search = describeSearch([
    ...onPath.skipped,
    ...broken.map(({ directory, reason }) => `${directory}: ${reason}`),
  ]);
  if (typeof archive === 'string') {
    throw new MayflyError('MAYFLY_REDIS_BINARY_MISSING', {
      message: `${search}. ${archive}.`,
      remedy: installationAdvice(process.platform, distribution),
      phase: 'provision',
    });
  }
  return { found: undefined, archive, cache, broken, search };
}

function describeSearch(skipped: readonly string[]): string {
  return skipped.length === 0
    ? 'There is neither a redis-server nor a valkey-server on PATH'
    : `No Redis server that is on this machine runs (${skipped.join('; ')})`;
}
