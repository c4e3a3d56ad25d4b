import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';

/** After how long a directory under another name has no living owner, in milliseconds: several times a build's deadline. */
const abandonedAfter = 15 * 60_000;

/**
 * The directory that `build` fills, made once and then found again under its key.
 *
 * It is filled under another name and takes its own by one rename, so an entry that exists is whole. Of several that
 * build at the same time the first wins, and the others use what it made.
 *
 * @throws MayflyError `MAYFLY_CACHE_UNUSABLE` when the cache cannot be read or written.
 */
export async function cacheEntry(
  cacheDirectory: string,
  key: string,
  build: (staging: string) => Promise<void>,
): Promise<string> {
  const entry = join(cacheDirectory, key);
  if (await exists(entry)) {
    return entry;
  }
  await sweepAbandoned(cacheDirectory, key);
  const staging = await makeStaging(entry);
  try {
    await build(staging);
    await rename(staging, entry);
  } catch (error) {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
    if (!isTaken(error)) {
      throw error;
    }
  }
  return entry;
}

/** Removes what was left by those who died while they built this entry, or removed it. */
async function sweepAbandoned(cacheDirectory: string, key: string): Promise<void> {
  const names = await readdir(cacheDirectory).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(`${key}.`))) {
    const directory = join(cacheDirectory, name);
    // By age: in a container that shares the cache others' processes are not to be seen.
    const age = await stat(directory).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedAfter) {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** Removes an entry that turned out to be unusable. */
export async function dropCacheEntry(cacheDirectory: string, key: string): Promise<void> {
  // Renamed first, so that nobody finds it half removed.
  const discarded = join(cacheDirectory, `${key}.discarded-${randomBytes(6).toString('hex')}`);
  try {
    await rename(join(cacheDirectory, key), discarded);
    await rm(discarded, { recursive: true, force: true });
  } catch (error) {
    if (!isMissing(error)) {
      throw unusable(cacheDirectory, error);
    }
  }
}

async function exists(entry: string): Promise<boolean> {
  try {
    return (await stat(entry)).isDirectory();
  } catch (error) {
    if (isMissing(error)) {
      return false;
    }
    throw unusable(dirname(entry), error);
  }
}

async function makeStaging(entry: string): Promise<string> {
  try {
    await mkdir(dirname(entry), { recursive: true, mode: 0o755 });
    const staging = await mkdtemp(`${entry}.staging-`);
    // Servers that run as another user must be able to enter.
    await chmod(staging, 0o755);
    return staging;
  } catch (error) {
    throw unusable(dirname(entry), error);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function isTaken(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'rename' && (code === 'ENOTEMPTY' || code === 'EEXIST');
}

function unusable(directory: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_CACHE_UNUSABLE', {
    message: `The cache directory ${directory} cannot be used: ${reasonOf(cause)}.`,
    remedy: 'Make it readable and writable, or name another in MAYFLY_CACHE_DIR.',
    phase: 'provision',
    cause,
  });
}
