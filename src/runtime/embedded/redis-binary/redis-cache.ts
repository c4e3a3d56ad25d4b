import { join, resolve } from 'node:path';
import { cacheUnusable } from '../cache/cache-unusable.ts';
import { demandCreatable } from '../cache/create-cache.ts';

/** The directory that holds the downloaded servers, one entry for each platform, flavour and version. */
export function redisCacheIn(cacheDirectory: string): string {
  return join(resolve(cacheDirectory), 'redis');
}

/**
 * Demands that downloaded servers can be put into this cache and run from there, and creates nothing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE`
 */
export async function demandUsable(cache: string): Promise<void> {
  if (/[:;]/.test(cache)) {
    throw cacheUnusable(cache, 'its path has a colon or a semicolon, which LD_LIBRARY_PATH cannot hold');
  }
  await demandCreatable(cache);
}
