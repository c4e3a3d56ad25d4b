import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { adopt } from './adopt.ts';
import type { CacheEntry } from './cache-entry.ts';
import { identityOf } from './identity.ts';
import { withStaging } from './staging.ts';

/**
 * Removes an entry that turned out to be unusable, unless somebody else has removed it or has put another in its place
 * meanwhile.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when it cannot be moved, such as that of another user.
 */
export async function dropEntry({ directory, identity }: CacheEntry): Promise<void> {
  if ((await identityOf(directory)) !== identity) {
    return;
  }
  await withStaging(dirname(directory), async (staging) => {
    // Moved first, so that nobody finds it half removed.
    const grave = join(staging, 'grave');
    try {
      await rename(directory, grave);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return;
      }
      throw error;
    }
    // Another can have come into its place since the look.
    if ((await identityOf(grave)) !== identity) {
      await adopt(grave, directory);
    }
  });
}
