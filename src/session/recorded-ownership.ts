import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { Ownership } from '../service/ownership.ts';
import { appendToManifest, type ManifestLine } from './manifest.ts';
import { recordOf } from './record-of.ts';
import { manifestFile } from './session-files.ts';
import { unrecorded } from './unrecorded.ts';

/**
 * The record of a session for another process than its owner: what that makes is written down beside what the owner
 * made, for whoever comes after a crash.
 *
 * Errors of `own`: `MAYFLY_ENVIRONMENT_STOPPED` where the session has ended, `MAYFLY_SESSION_UNSAFE`.
 */
export function recordedOwnership(stateDirectory: string, sessionId: string): Ownership {
  const directory = join(stateDirectory, 'sessions', sessionId);
  return {
    sessionId,
    own: (key, resource) => {
      try {
        append(directory, { type: 'own', key: keyOf(key), resource: recordOf(resource) });
      } catch (error) {
        throw existsSync(directory) ? unrecorded(directory, error) : ended(sessionId, error);
      }
    },
    disown: (key) => {
      try {
        append(directory, { type: 'disown', key: keyOf(key) });
      } catch {
        // The session has ended, and its record with it.
      }
    },
  };
}

/** To a record that is there: one made anew, while somebody removes it, would say nothing of whose session it is. */
function append(directory: string, line: ManifestLine): void {
  const file = openSync(join(directory, manifestFile), constants.O_WRONLY | constants.O_APPEND);
  try {
    appendToManifest(file, line);
  } finally {
    closeSync(file);
  }
}

/** The owner has keys of its own. */
function keyOf(key: string): string {
  return `${process.pid}:${key}`;
}

function ended(session: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_ENVIRONMENT_STOPPED', {
    message: `Session ${session} has ended meanwhile, and nothing can be made for it any more.`,
    remedy: 'Let what uses an environment end before that does.',
    phase: 'run',
    cause,
  });
}
