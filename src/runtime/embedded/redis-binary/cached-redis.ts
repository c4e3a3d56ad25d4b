import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../../errors/reason.ts';
import type { Distribution } from './distribution.ts';
import type { RedisBinary } from './redis-binary.ts';
import { adopt, cacheUnusable, identityOf } from './redis-cache.ts';
import { tryUnpacked } from './unpacked-redis.ts';

/** A cached server that does not run. */
export interface BrokenEntry {
  readonly directory: string;
  readonly identity: number | undefined;
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

/**
 * Moves a broken entry to `grave`, unless somebody else has removed it or has put another in its place meanwhile.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when it cannot be moved, such as that of another user.
 */
export async function removeBroken({ directory, identity }: BrokenEntry, grave: string): Promise<void> {
  if ((await identityOf(directory)) !== identity) {
    return;
  }
  try {
    await rename(directory, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return;
    }
    throw cacheUnusable(directory, reasonOf(error), error);
  }
  // It can have happened since the look.
  if ((await identityOf(grave)) !== identity) {
    await adopt(grave, directory);
  }
}

async function listCache(cache: string): Promise<string[]> {
  try {
    return await readdir(cache);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw cacheUnusable(cache, reasonOf(error), error);
  }
}
