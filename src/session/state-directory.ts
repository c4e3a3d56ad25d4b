import { chmodSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { makeDirectories } from '../system/make-directories.ts';

/**
 * Makes the private directory in which sessions lie, or sees to it that the one that is there is ours alone. It lies in
 * a directory where others may have planted something under its name.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE`.
 */
export function secureStateDirectory(directory: string): string {
  const sessions = join(directory, 'sessions');
  try {
    makeDirectories(directory);
    refuseOthers(directory);
    for (const own of [sessions, join(directory, 'projects')]) {
      makeDirectories(own);
      refuseOthers(own);
      // It is ours by its name as well; the directory that holds it may be any that the user has named.
      chmodSync(own, 0o700);
    }
    return sessions;
  } catch (error) {
    throw error instanceof MayflyError ? error : unsafe(directory, reasonOf(error), error);
  }
}

function refuseOthers(directory: string): void {
  const found = lstatSync(directory);
  if (!found.isDirectory()) {
    throw unsafe(directory, 'it is not a directory');
  }
  if (process.getuid !== undefined && found.uid !== process.getuid()) {
    throw unsafe(directory, `it belongs to the user with number ${found.uid}`);
  }
  const [othersMayWrite, isSticky] = [(found.mode & 0o022) !== 0, (found.mode & 0o1000) !== 0];
  if (othersMayWrite && !isSticky) {
    throw unsafe(directory, 'others may write to it');
  }
}

/** Whether this is a directory, and no link to one, that this user made. */
export function isOurDirectory(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
}

function unsafe(directory: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_SESSION_UNSAFE', {
    message: `The directory ${directory}, which is to hold Mayfly's sessions, cannot be used: ${reason}.`,
    remedy: 'Remove it, or name another in MAYFLY_STATE_DIR.',
    phase: 'start',
    cause,
  });
}
