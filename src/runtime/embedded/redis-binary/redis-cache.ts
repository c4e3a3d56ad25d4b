import { constants } from 'node:fs';
import { access, chmod, mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { reasonOf } from '../../../errors/reason.ts';
import { isOpenToOthers } from '../data-home.ts';

/** The directory that holds the downloaded servers, one entry for each platform, flavour and version. */
export function redisCacheIn(cacheDirectory: string): string {
  return join(resolve(cacheDirectory), 'redis');
}

/**
 * Creates the cache where it is missing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when it cannot be created, or not used by whom it is for.
 */
export async function createCache(cache: string): Promise<void> {
  await demandCreatable(cache);
  try {
    const first = await mkdir(cache, { recursive: true });
    if (isRoot() && first !== undefined) {
      await openDirectories(first, cache);
    }
  } catch (error) {
    throw cacheUnusable(cache, reasonOf(error), error);
  }
}

/**
 * Demands that {@link createCache} would succeed, and creates nothing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE`
 */
export async function demandCreatable(cache: string): Promise<void> {
  if (/[:;]/.test(cache)) {
    throw cacheUnusable(cache, 'its path has a colon or a semicolon, which LD_LIBRARY_PATH cannot hold');
  }
  const existing = await nearestExisting(cache);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cacheUnusable(cache, reasonOf(error), error);
  }
  if (isRoot() && !(await isOpenToOthers(existing))) {
    throw cacheUnusable(existing, 'the user "nobody", under which servers run, cannot enter it');
  }
}

/** Gives a finished tree its place in the cache. When somebody else was first, theirs stays: that is the answer too. */
export async function adopt(tree: string, entry: string): Promise<void> {
  try {
    await rename(tree, entry);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') {
      throw cacheUnusable(dirname(entry), reasonOf(error), error);
    }
  }
}

/** The number that tells this directory from one that is put in its place later; `undefined` when there is none. */
export async function identityOf(directory: string): Promise<number | undefined> {
  try {
    return (await stat(directory)).ino;
  } catch {
    return undefined;
  }
}

/** The one error about a cache that cannot be used. */
export function cacheUnusable(directory: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_CACHE_UNUSABLE', {
    message: `The cache directory ${directory} cannot be used: ${reason}.`,
    remedy: 'Make it readable and writable, or name another in MAYFLY_CACHE_DIR.',
    phase: 'provision',
    cause,
  });
}

async function nearestExisting(directory: string): Promise<string> {
  const isThere = (await identityOf(directory)) !== undefined || directory === dirname(directory);
  return isThere ? directory : nearestExisting(dirname(directory));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

// The umask may have closed what mkdir made.
async function openDirectories(first: string, last: string): Promise<void> {
  await chmod(last, 0o755);
  if (last !== first) {
    await openDirectories(first, dirname(last));
  }
}
