import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheEntry } from '../cache/cache-entry.ts';
import { cacheUnusable } from '../cache/cache-unusable.ts';
import { identityOf } from '../cache/identity.ts';
import type { Distribution } from './distribution.ts';
import type { RedisBinary } from './redis-binary.ts';
import { tryUnpacked } from './unpacked-redis.ts';

/** A cached server that does not run. */
export interface BrokenEntry extends CacheEntry {
  readonly reason: string;
}

/** What the cache holds for a distribution. */
export interface CachedRedis {
  readonly binary: RedisBinary | undefined;
  readonly broken: readonly BrokenEntry[];
}

/** The name of an entry, which says what its binaries are good for: `debian-bookworm-x64-redis-7.0.15`. */
export function entryName(
  { platform }: Distribution,
  { flavour, version }: Pick<RedisBinary, 'flavour' | 'version'>,
): string {
  return `${platform}-${flavour}-${version}`;
}

/**
 * Looks for a downloaded server that runs, the highest version first. Changes nothing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when the cache exists but cannot be read.
 */
export async function findCached(cache: string, { platform }: Distribution, signal: AbortSignal): Promise<CachedRedis> {
  const names = await listCache(cache);
  const fitting = names.filter((name) => /^-(redis|valkey)-[\d.]+$/.test(name.replace(platform, '')));
  const broken: BrokenEntry[] = [];
  for (const name of fitting.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))) {
    const directory = join(cache, name);
    const identity = await identityOf(directory);
    const trial = await tryUnpacked(directory, signal);
    if (trial.works) {
      return { binary: { ...trial.binary, source: 'cache' }, broken };
    }
    broken.push({ directory, identity, reason: trial.reason });
  }
  return { binary: undefined, broken };
}

async function listCache(cache: string): Promise<string[]> {
  try {
    return await readdir(cache);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw cacheUnusable(cache, error);
  }
}
