import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isBlank, readManifest, type Manifest } from './manifest.ts';
import { presenceOf } from './owner.ts';
import { manifestFile } from './session-files.ts';
import { isOurDirectory, secureStateDirectory } from './state-directory.ts';

/** How old a session has to be, in milliseconds: its own reaper comes first. */
export const youngest = 60_000;

/** A session that nobody will end any more. */
export interface StaleSession {
  readonly id: string;
  readonly directory: string;
  /** What was written down; `undefined` where its owner died before it had made anything. */
  readonly manifest: Manifest | undefined;
}

/** A session whose owner has gone. */
export interface AbandonedSession extends StaleSession {
  /** In milliseconds. */
  readonly age: number;
}

/**
 * The sessions in a state directory whose owners have gone without ending them, and not just now. What others have planted
 * there is none: a record says what is to be killed and removed, with all that this user may. Those come first that
 * nobody has tried to take away for the longest time.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE`.
 */
export function staleSessions(stateDirectory: string, now: number = Date.now()): StaleSession[] {
  return abandonedSessions(stateDirectory, now).filter(({ age }) => age > youngest);
}

/**
 * Those as well that are left alone for now: the ones whose owners have gone, however young.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE`.
 */
export function abandonedSessions(stateDirectory: string, now: number = Date.now()): AbandonedSession[] {
  if (!existsSync(stateDirectory)) {
    return [];
  }
  const sessions = secureStateDirectory(stateDirectory);
  return readdirSync(sessions)
    .filter((name) => /^[0-9a-f]{12}$/.test(name) && isOurDirectory(join(sessions, name)))
    .flatMap((id): AbandonedSession[] => {
      const directory = join(sessions, id);
      const file = join(directory, manifestFile);
      const manifest = readManifest(file);
      if (manifest !== undefined) {
        const age = now - Date.parse(manifest.head.createdAt);
        return presenceOf(manifest.head.owner) === 'gone' ? [{ id, directory, manifest, age }] : [];
      }
      const age = now - changedAt(directory);
      // What another version of Mayfly wrote is that version's to take away, and a young one may just be beginning.
      return isBlank(file) && age > youngest ? [{ id, directory, manifest, age }] : [];
    })
    .toSorted((one, other) => changedAt(one.directory) - changedAt(other.directory));
}

/** In milliseconds since 1970; of one that has just gone, never. */
function changedAt(directory: string): number {
  try {
    return statSync(directory).mtimeMs;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
