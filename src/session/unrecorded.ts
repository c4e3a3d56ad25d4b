import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';

/** The error for what could not be written down in a session's directory, and so must not be made. */
export function unrecorded(directory: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_SESSION_UNSAFE', {
    message: `What the session owns could not be written down in ${directory}: ${reasonOf(cause)}.`,
    remedy: 'Make room there, or name another directory in MAYFLY_STATE_DIR.',
    phase: 'start',
    cause,
  });
}
