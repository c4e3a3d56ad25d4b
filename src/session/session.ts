import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnedResource, Ownership } from '../service/ownership.ts';
import { appendToManifest, manifestVersion, type RecordedResource } from './manifest.ts';
import { identify } from './process-identity.ts';
import { manifestFile, writeDescription, type Description } from './session-files.ts';
import { secureStateDirectory } from './state-directory.ts';

/** One run: its identity, its private directory, and the record of what it owns. */
export class Session implements Ownership {
  readonly sessionId: string;
  readonly directory: string;
  readonly #owned = new Set<string>();

  private constructor(sessionId: string, directory: string) {
    this.sessionId = sessionId;
    this.directory = directory;
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
    this.#owned.add(key);
    this.#append({ type: 'own', key, resource: record(resource) });
  }

  disown(key: string): void {
    this.#owned.delete(key);
    this.#append({ type: 'disown', key });
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
    if (this.#owned.size === 0) {
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  #append(line: Parameters<typeof appendToManifest>[1]): void {
    appendToManifest(join(this.directory, manifestFile), line);
  }
}

function record(resource: OwnedResource): RecordedResource {
  if (resource.kind !== 'process') {
    return resource;
  }
  const { kind, directory, pid } = resource;
  return { kind, directory, process: pid === undefined ? undefined : identify(pid) };
}
