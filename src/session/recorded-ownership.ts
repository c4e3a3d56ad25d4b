import { join } from 'node:path';
import type { Ownership } from '../service/ownership.ts';
import { appendToManifest } from './manifest.ts';
import { recordOf } from './record-of.ts';
import { manifestFile } from './session-files.ts';

/**
 * The record of a session for another process than its owner: what that makes is written down beside what the owner
 * made, for whoever comes after a crash.
 */
export function recordedOwnership(stateDirectory: string, sessionId: string): Ownership {
  const file = join(stateDirectory, 'sessions', sessionId, manifestFile);
  return {
    sessionId,
    own: (key, resource) => appendToManifest(file, { type: 'own', key: keyOf(key), resource: recordOf(resource) }),
    disown: (key) => {
      try {
        appendToManifest(file, { type: 'disown', key: keyOf(key) });
      } catch {
        // The session has ended, and its record with it.
      }
    },
  };
}

/** The owner has keys of its own. */
function keyOf(key: string): string {
  return `${process.pid}:${key}`;
}
