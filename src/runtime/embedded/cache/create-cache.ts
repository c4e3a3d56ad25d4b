import { constants } from 'node:fs';
import { access, chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectories } from '../../../system/make-directories.ts';
import { isOpenToOthers } from '../data-home.ts';
import { cacheUnusable } from './cache-unusable.ts';

/**
 * Creates the cache where it is missing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when it cannot be created, or not used by whom it is for.
 */
export async function createCache(cache: string): Promise<void> {
  await demandCreatable(cache);
  try {
    const made = makeDirectories(cache);
    // For root's servers, which run as somebody else.
    await Promise.all(isRoot() ? made.map((directory) => chmod(directory, 0o755)) : []);
  } catch (error) {
    throw cacheUnusable(cache, error);
  }
}

/**
 * Demands that {@link createCache} would succeed, and creates nothing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE`
 */
export async function demandCreatable(cache: string): Promise<void> {
  const existing = await nearestExisting(cache);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cacheUnusable(cache, error);
  }
  if (isRoot() && !(await isOpenToOthers(existing))) {
    throw cacheUnusable(existing, 'the user "nobody", under which servers run, cannot enter it');
  }
}

async function nearestExisting(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => path === dirname(path),
  );
  return isThere ? path : nearestExisting(dirname(path));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
