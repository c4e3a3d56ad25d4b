import { access, constants, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files in a directory, each by its identifier. */
export class MediaStorage {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async write(id: string, bytes: Buffer): Promise<void> {
    // Never over another.
    await writeFile(this.#pathOf(id), bytes, { flag: 'wx', mode: 0o600 });
  }

  async read(id: string): Promise<Buffer> {
    return readFile(this.#pathOf(id));
  }

  /** What is gone already counts as removed. */
  async remove(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  async ids(): Promise<readonly string[]> {
    return readdir(this.directory);
  }

  /** Fails where nothing can be written. */
  async check(): Promise<void> {
    await access(this.directory, constants.W_OK);
  }

  #pathOf(id: string): string {
    // Whoever calls has looked already. This is the last door before the disk.
    if (!/^[0-9a-f-]{36}$/.test(id)) {
      throw new Error(`"${id}" names no file of the storage.`);
    }
    return join(this.directory, id);
  }
}
