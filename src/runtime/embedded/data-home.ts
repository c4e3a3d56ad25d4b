import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { freeSpaceIn } from './free-space.ts';
import type { ServerUser } from './server-user.ts';

const mebibyte = 2 ** 20;

/** A data directory begins with some 30 MiB and grows with the tests; memory that is too small is left alone. */
const roomOnDisk = 128 * mebibyte;
const roomInMemory = 512 * mebibyte;

/** A socket's path has 107 bytes on Linux and 103 on macOS (unix(7), `sun_path`); the rest is ours. */
const longestPath = 48;

/**
 * The directory in which servers keep their data: memory where there is room, else the temporary directory.
 *
 * @param configured the only candidate, where the user names one.
 * @throws MayflyError `MAYFLY_DISK_UNUSABLE` with the reason against each candidate.
 */
export async function chooseDataHome(configured: string | undefined, user: ServerUser | undefined): Promise<string> {
  const candidates = configured === undefined ? ['/dev/shm', tmpdir(), '/tmp', '/var/tmp'] : [configured];
  const objections: string[] = [];
  for (const candidate of new Set(candidates)) {
    // Servers are found by their working directories, and the system knows these by their real names.
    const real = await realpath(candidate).catch(() => candidate);
    const objection = await objectionTo(real, user);
    if (objection === undefined) {
      return real;
    }
    objections.push(`${candidate}: ${objection}`);
  }
  throw new MayflyError('MAYFLY_DISK_UNUSABLE', {
    message: `No directory can hold the servers' data (${objections.join('; ')}).`,
    remedy: 'Make it usable, with enough room, or name another directory in MAYFLY_DATA_DIR.',
    phase: 'start',
  });
}

async function objectionTo(directory: string, user: ServerUser | undefined): Promise<string | undefined> {
  if (Buffer.byteLength(directory) > longestPath) {
    return `its path is longer than the ${longestPath} bytes that leave room for a socket`;
  }
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    const free = await freeSpaceIn(directory);
    const needed = directory === '/dev/shm' ? roomInMemory : roomOnDisk;
    if (free < needed) {
      return `it has ${Math.floor(free / mebibyte)} MiB free and ${needed / mebibyte} MiB are needed`;
    }
  } catch (error) {
    return reasonOf(error);
  }
  return user !== undefined && !(await isOpenToOthers(directory))
    ? 'the user "nobody", under which servers run, cannot enter it'
    : undefined;
}

/** Whether every directory on the way can be entered by anybody. */
export async function isOpenToOthers(directory: string): Promise<boolean> {
  const { mode } = await stat(directory);
  const parent = dirname(directory);
  return (mode & 0o001) !== 0 && (parent === directory || isOpenToOthers(parent));
}
