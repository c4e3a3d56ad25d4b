import { join } from 'node:path';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { adopt } from '../cache/adopt.ts';
import { cacheUnusable } from '../cache/cache-unusable.ts';
import { dropEntry } from '../cache/drop-entry.ts';
import { withStaging } from '../cache/staging.ts';
import { entryName } from './cached-redis.ts';
import { fetchPackages } from './fetch-packages.ts';
import { installationAdvice } from './installation-advice.ts';
import type { DownloadableRedis } from './locate-redis.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';
import { demandUsable } from './redis-cache.ts';
import { unpackPackages } from './unpack-packages.ts';
import { tryUnpacked } from './unpacked-redis.ts';

/** Whom to tell, and when to give up. */
export type DownloadOptions = Pick<FindRedisOptions, 'signal' | 'onProgress'>;

/** How many of apt's last lines an error shows. */
const shownLines = 10;

/**
 * Fetches a Redis server from the distribution's archive and puts it into the cache, where it appears whole or not at
 * all. Several can do this at the same time. Entries that were found broken are removed first.
 *
 * @throws MayflyError `MAYFLY_REDIS_DOWNLOAD_FAILED` with apt's last lines, `MAYFLY_CACHE_UNUSABLE`.
 */
export async function downloadRedis(redis: DownloadableRedis, options: DownloadOptions): Promise<RedisBinary> {
  const { cache, broken } = redis;
  await demandUsable(cache);
  for (const entry of broken) {
    options.onProgress(`removing the cached Redis in ${entry.directory}: ${entry.reason}`);
    await dropEntry(entry);
  }
  return withStaging(cache, async (staging) => {
    const tree = await makeTree(redis, staging, options);
    const name = await tryTree(redis, tree, options.signal);
    const entry = join(cache, name);
    await adopt(tree, entry);
    const adopted = await tryUnpacked(entry, options.signal);
    if (!adopted.works) {
      throw downloadFailed(redis, 'what is in the cache does not run', [adopted.reason]);
    }
    return { ...adopted.binary, source: 'downloaded' };
  });
}

async function makeTree(redis: DownloadableRedis, staging: string, options: DownloadOptions): Promise<string> {
  const { archive } = redis;
  const fetched = await fetchPackages({ ...options, archive, directory: join(staging, 'apt') });
  if (!fetched.fetched) {
    throw downloadFailed(redis, 'apt-get could not fetch it', fetched.output);
  }
  const tree = join(staging, 'tree');
  const complaint = await unpackPackages(archive.dpkgDeb, fetched.directory, tree, options.signal);
  if (complaint !== undefined) {
    throw downloadFailed(redis, 'a package could not be unpacked', complaint);
  }
  return tree;
}

/** Runs the server once and returns the name that the tree is to have in the cache. */
async function tryTree(redis: DownloadableRedis, tree: string, signal: AbortSignal): Promise<string> {
  const trial = await tryUnpacked(tree, signal);
  if (trial.works) {
    return entryName(redis.archive.distribution, trial.binary);
  }
  if (trial.errno === 'EACCES') {
    throw cacheUnusable(redis.cache, 'no program in it may be run (is it mounted with "noexec"?)');
  }
  throw downloadFailed(redis, 'what was fetched does not run', [trial.reason]);
}

function downloadFailed({ archive, search }: DownloadableRedis, why: string, output: readonly string[]): MayflyError {
  return new MayflyError('MAYFLY_REDIS_DOWNLOAD_FAILED', {
    message: `${search}. None could be had from ${archive.name} either: ${why}.`,
    remedy: `See that \`apt-get update\` works here. ${installationAdvice(process.platform, archive.distribution)}`,
    phase: 'provision',
    output: output.slice(-shownLines),
  });
}
