import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Claim } from '../../session/claim.ts';

/** How old a file is that nobody needs who takes a claim, in milliseconds. */
const abandonedAfter = 60_000;

/** Removes the claims that background environments had on their projects, and that nobody who still runs has. */
export function releaseStaleClaims(stateDirectory: string): void {
  const projects = join(stateDirectory, 'projects');
  const files = existsSync(projects) ? readdirSync(projects) : [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const claim = new Claim(join(projects, file));
    try {
      // Somebody may be taking it at this moment: whoever has it may remove it.
      if (claim.holder() === undefined && claim.take()) {
        claim.release();
      }
    } catch {
      // As on a disk that is full: it keeps nobody from taking it.
    }
  }
  // What somebody was killed over who was about to take one.
  for (const file of files.filter((name) => !name.endsWith('.json'))) {
    const path = join(projects, file);
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > abandonedAfter) {
      rmSync(path, { force: true });
    }
  }
}
