import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { identify, isRunning, type ProcessIdentity } from '../system/process-identity.ts';

const holderSchema: z.ZodType<ProcessIdentity> = z.object({ pid: z.int(), startTime: z.string().optional() });

/** What one process at a time may have, as a file that says who that is. One that has ended has it no longer. */
export class Claim {
  readonly #file: string;

  /** Nothing is claimed yet. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Who holds it, or `undefined` if nobody does who still runs. */
  holder(): ProcessIdentity | undefined {
    return readHolder(this.#file);
  }

  /** Takes it for this process; `false` if somebody who still runs has it, or is taking it. */
  take(): boolean {
    const own = `${this.#file}.${randomBytes(6).toString('hex')}`;
    writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    try {
      return linkTo(own, this.#file) || this.#succeed(own);
    } finally {
      rmSync(own, { force: true });
    }
  }

  /** Takes the place of a holder that has gone. A lock sees to it that nobody replaces whoever was faster. */
  #succeed(own: string): boolean {
    const lock = `${this.#file}.lock`;
    if (!linkTo(own, lock)) {
      if (readHolder(lock) !== undefined) {
        return false;
      }
      // Whoever had it was killed at this very spot.
      rmSync(lock, { force: true });
      if (!linkTo(own, lock)) {
        return false;
      }
    }
    try {
      if (this.holder() !== undefined) {
        return false;
      }
      renameSync(own, this.#file);
      return true;
    } finally {
      rmSync(lock, { force: true });
    }
  }

  /** Gives it up, if it is ours. */
  release(): void {
    if (this.holder()?.pid === process.pid) {
      rmSync(this.#file, { force: true });
    }
  }
}

/** Whose claim a file is, or `undefined` where there is none or whoever made it has gone. */
function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const holder = holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isRunning(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `file` is now `own`: a link comes into being whole, and only where there is none, so one of several succeeds. */
function linkTo(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch {
    return false;
  }
}
