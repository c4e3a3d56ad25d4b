import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheUnusable } from './cache-unusable.ts';
import { createCache } from './create-cache.ts';

const prefix = '.staging-';

/** Milliseconds after which a staging directory has no living owner: several times the deadline of any work in one. */
const abandonedAfter = 15 * 60_000;

/**
 * Gives `work` an empty directory beside the cache's entries, and takes it away again with whatever is still in it.
 * Creates the cache where it is missing.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when the cache cannot be written, also in the course of `work`.
 */
export async function withStaging<T>(cache: string, work: (staging: string) => Promise<T>): Promise<T> {
  await createCache(cache);
  await sweepStaging(cache);
  const staging = await makeStaging(cache);
  try {
    return await work(staging);
  } catch (error) {
    // A full disk, for one.
    const isOfFiles = error instanceof Error && 'syscall' in error;
    throw isOfFiles ? cacheUnusable(cache, error) : error;
  } finally {
    // More than once where it must be: what was killed an instant ago may still be writing.
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes the staging directories of those who died before they could. */
async function sweepStaging(cache: string): Promise<void> {
  const names = await readdir(cache).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
    const staging = join(cache, name);
    try {
      // By age and not by process number: containers that share the cache do not see each other's processes.
      if (Date.now() - (await stat(staging)).mtimeMs > abandonedAfter) {
        await rm(staging, { recursive: true, force: true });
      }
    } catch {
      // Its owner, or another sweeper, was faster; or it is another user's, who will sweep it.
    }
  }
}

async function makeStaging(cache: string): Promise<string> {
  try {
    const staging = await mkdtemp(join(cache, prefix));
    // As root, apt-get and initdb work in it as unprivileged users, who must be able to come in.
    await chmod(staging, 0o755);
    return staging;
  } catch (error) {
    throw cacheUnusable(cache, error);
  }
}
