import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

const claimSchema: z.ZodType<ProcessIdentity> = z.object({ pid: z.int(), startTime: z.string().optional() });

/** The one background environment that a project directory may have. */
export class ProjectClaim {
  readonly #file: string;

  /** Of the given directory; nothing is claimed yet. `stateDirectory` must be secured. */
  constructor(stateDirectory: string, project: string) {
    const claims = join(stateDirectory, 'projects');
    mkdirSync(claims, { recursive: true, mode: 0o700 });
    this.#file = join(claims, `${createHash('sha256').update(project).digest('hex').slice(0, 16)}.json`);
  }

  /** Who holds it, or `undefined` if nobody does who still runs. */
  holder(): ProcessIdentity | undefined {
    try {
      const holder = claimSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
      return isRunning(holder) ? holder : undefined;
    } catch {
      return undefined;
    }
  }

  /** Takes it for this process; `false` if somebody who still runs has it. */
  take(): boolean {
    if (this.holder() !== undefined) {
      return false;
    }
    const own = `${this.#file}.${randomBytes(6).toString('hex')}`;
    rmSync(this.#file, { force: true });
    writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    try {
      // A link comes into being whole, and only where there is none: of several that try, one succeeds.
      linkSync(own, this.#file);
      return true;
    } catch {
      return false;
    } finally {
      rmSync(own);
    }
  }

  /** Gives it up, if it is ours. */
  release(): void {
    if (this.holder()?.pid === process.pid) {
      rmSync(this.#file, { force: true });
    }
  }
}
