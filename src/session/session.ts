import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnedResource, Ownership } from '../service/ownership.ts';
import { Lifeline, type Command } from '../system/lifeline.ts';
import { appendToManifest, manifestVersion, type ManifestLine } from './manifest.ts';
import { globalOwner, ownOwner } from './owner.ts';
import { recordOf } from './record-of.ts';
import { manifestFile, writeDescription, type Description } from './session-files.ts';
import { secureStateDirectory } from './state-directory.ts';
import { unrecorded } from './unrecorded.ts';

/** One run: its identity, its private directory, and the record of what it owns. */
export class Session implements Ownership {
  readonly sessionId: string;
  readonly directory: string;
  readonly #owned = new Set<string>();
  readonly #lifeline: Lifeline;

  private constructor(sessionId: string, directory: string, lifeline: Lifeline) {
    this.sessionId = sessionId;
    this.directory = directory;
    this.#lifeline = lifeline;
  }

  /**
   * `reap` gives the command that takes away what the session in a directory owns: it is run when this process ends
   * without having done so.
   *
   * @throws MayflyError `MAYFLY_SESSION_UNSAFE`.
   */
  static open(stateDirectory: string, project: string, reap: (directory: string) => Command): Session {
    const id = randomBytes(6).toString('hex');
    const directory = join(secureStateDirectory(stateDirectory), id);
    // Before there is anything to take away.
    const session = new Session(id, directory, new Lifeline(reap(directory)));
    try {
      mkdirSync(directory, { mode: 0o700 });
      const createdAt = new Date().toISOString();
      session.#append({ type: 'session', version: manifestVersion, id, owner: ownOwner(), project, createdAt });
    } catch (error) {
      session.#lifeline.cut();
      throw error;
    }
    return session;
  }

  /** Who owns it, for what carries the session's mark where its record does not reach. */
  get owner(): string {
    return JSON.stringify(globalOwner());
  }

  own(key: string, resource: OwnedResource): void {
    this.#owned.add(key);
    this.#append({ type: 'own', key, resource: recordOf(resource) });
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
   * Ends the session. Its directory goes with it, unless something is still owned: then the record stays, and another
   * process tries to take that away.
   */
  async close(): Promise<void> {
    if (this.#owned.size > 0) {
      this.#lifeline.cut();
      return;
    }
    // More than once where it must be: it is the user's directory too, and something may still be writing into it.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
    await this.#lifeline.dismiss();
  }

  #append(line: ManifestLine): void {
    try {
      appendToManifest(join(this.directory, manifestFile), line);
    } catch (error) {
      throw unrecorded(this.directory, error);
    }
  }
}
