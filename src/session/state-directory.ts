import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';

/**
 * Makes the private directory in which sessions lie, or sees to it that the one that is there is ours alone. It lies in
 * a directory where others may have planted something under its name.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE`.
 */
export function secureStateDirectory(directory: string): string {
  const sessions = join(directory, 'sessions');
  try {
    secure(directory);
    // Others may have planted something in it as well while it was open to them.
    secure(sessions);
    secure(join(directory, 'projects'));
    return sessions;
  } catch (error) {
    throw error instanceof MayflyError ? error : unsafe(directory, reasonOf(error), error);
  }
}

function secure(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory()) {
    throw unsafe(directory, 'it is not a directory');
  }
  if (process.getuid !== undefined && found.uid !== process.getuid()) {
    throw unsafe(directory, `it belongs to the user with number ${found.uid}`);
  }
  if ((found.mode & 0o077) !== 0) {
    chmodSync(directory, 0o700);
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
