import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory and those that are missing on the way to it, for us alone.
 *
 * Not by mkdir's own recursive form: that never ends where nothing can be made, as in /proc.
 *
 * @returns those that were missing, the outermost first.
 */
export function makeDirectories(directory: string): string[] {
  if (lstatSync(directory, { throwIfNoEntry: false }) !== undefined) {
    return [];
  }
  const made = makeDirectories(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
    return [...made, directory];
  } catch (error) {
    // Somebody of ours was faster.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return made;
    }
    throw error;
  }
}
