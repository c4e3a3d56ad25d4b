import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { adopt } from './adopt.ts';
import { identityOf } from './identity.ts';
import { withStaging } from './staging.ts';

/** A directory of the cache as somebody found it: under the same name there may be another by now. */
export interface CacheEntry {
  readonly directory: string;
  /** See {@link identityOf}. */
  readonly identity: string | undefined;
}

/**
 * The directory that `build` fills, made once and then found again under its key.
 *
 * It is filled under another name and takes its own by one rename, so an entry that exists is whole. Of several that
 * build at the same time the first wins, and the others use what it made.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when the cache cannot be read or written.
 */
export async function cacheEntry(
  cache: string,
  key: string,
  build: (tree: string) => Promise<void>,
): Promise<CacheEntry> {
  const directory = join(cache, key);
  const found = await identityOf(directory);
  if (found !== undefined) {
    return { directory, identity: found };
  }
  await withStaging(cache, async (staging) => {
    const tree = join(staging, 'tree');
    await mkdir(tree);
    // Whatever the umask: servers that run as another user must be able to enter.
    await chmod(tree, 0o755);
    await build(tree);
    await adopt(tree, directory);
  });
  return { directory, identity: await identityOf(directory) };
}
