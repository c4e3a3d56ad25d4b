import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cacheUnusable } from './cache-unusable.ts';

/**
 * Gives a finished tree its place in the cache, where it so appears whole or not at all. When somebody else was first,
 * theirs stays: that is the answer too.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE`
 */
export async function adopt(tree: string, entry: string): Promise<void> {
  try {
    await rename(tree, entry);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') {
      throw cacheUnusable(dirname(entry), error);
    }
  }
}
