import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isBlank, readManifest, type Manifest } from './manifest.ts';
import { presenceOf } from './owner.ts';
import { manifestFile } from './session-files.ts';

/** How old a session has to be, in milliseconds: its own reaper comes first. */
const youngest = 60_000;

/** A session that nobody will end any more. */
export interface StaleSession {
  readonly id: string;
  readonly directory: string;
  /** What was written down; `undefined` where its owner died before it had made anything. */
  readonly manifest: Manifest | undefined;
}

/** The sessions in a state directory whose owners have gone without ending them, and not just now. */
export function staleSessions(stateDirectory: string, now: number = Date.now()): StaleSession[] {
  const sessions = join(stateDirectory, 'sessions');
  return list(sessions)
    .filter((name) => /^[0-9a-f]{12}$/.test(name))
    .flatMap((id) => {
      const directory = join(sessions, id);
      const file = join(directory, manifestFile);
      const manifest = readManifest(file);
      const isOver =
        manifest === undefined
          ? // What another version of Mayfly wrote is that version's to take away.
            isBlank(file) && now - changedAt(directory) > youngest
          : presenceOf(manifest.head.owner) === 'gone' && now - Date.parse(manifest.head.createdAt) > youngest;
      return isOver ? [{ id, directory, manifest }] : [];
    });
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** In milliseconds since 1970; of one that has just gone, never. */
function changedAt(directory: string): number {
  try {
    return statSync(directory).mtimeMs;
  } catch {
    return Infinity;
  }
}
