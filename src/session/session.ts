import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import type { OwnedResource, Ownership } from '../service/ownership.ts';
import { onExit, takeAwayAtOnce } from './last-resort.ts';
import { appendToManifest, manifestVersion, type RecordedResource } from './manifest.ts';
import { identify } from './process-identity.ts';
import { recordOf } from './record-of.ts';
import { manifestFile, writeDescription, type Description } from './session-files.ts';
import { secureStateDirectory } from './state-directory.ts';

/** One run: its identity, its private directory, and the record of what it owns. */
export class Session implements Ownership {
  readonly sessionId: string;
  readonly directory: string;
  readonly #owned = new Map<string, RecordedResource>();
  readonly #callOff: () => void;

  private constructor(sessionId: string, directory: string) {
    this.sessionId = sessionId;
    this.directory = directory;
    this.#callOff = onExit(() => this.#abandon());
  }

  /** @throws MayflyError `MAYFLY_SESSION_UNSAFE`. */
  static open(stateDirectory: string, project: string): Session {
    const id = randomBytes(6).toString('hex');
    const directory = join(secureStateDirectory(stateDirectory), id);
    mkdirSync(directory, { mode: 0o700 });
    const session = new Session(id, directory);
    const owner = identify(process.pid) ?? { pid: process.pid };
    const createdAt = new Date().toISOString();
    session.#append({ type: 'session', version: manifestVersion, id, owner, project, createdAt });
    return session;
  }

  own(key: string, resource: OwnedResource): void {
    const recorded = recordOf(resource);
    this.#owned.set(key, recorded);
    this.#append({ type: 'own', key, resource: recorded });
  }

  disown(key: string): void {
    this.#owned.delete(key);
    try {
      this.#append({ type: 'disown', key });
    } catch {
      // Whoever reads the record will look for what is gone. That must not keep us from taking the rest away.
    }
  }

  /** Lets other processes find the environment, now that it is ready. */
  describe(description: Omit<Description, 'session'>): void {
    writeDescription(this.directory, { session: this.sessionId, ...description });
  }

  /**
   * Ends the session. Its directory goes with it, unless something is still owned: then the record stays, for whoever
   * can take that away.
   */
  async close(): Promise<void> {
    this.#callOff();
    if (this.#owned.size === 0) {
      // More than once where it must be: it is the user's directory too, and something may still be writing into it.
      await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  #abandon(): void {
    for (const key of takeAwayAtOnce(this.#owned)) {
      this.#owned.delete(key);
    }
    if (this.#owned.size === 0) {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }

  #append(line: Parameters<typeof appendToManifest>[1]): void {
    try {
      appendToManifest(join(this.directory, manifestFile), line);
    } catch (error) {
      throw new MayflyError('MAYFLY_SESSION_UNSAFE', {
        message: `What the session owns could not be written down in ${this.directory}: ${reasonOf(error)}.`,
        remedy: 'Make room there, or name another directory in MAYFLY_STATE_DIR.',
        phase: 'start',
        cause: error,
      });
    }
  }
}
