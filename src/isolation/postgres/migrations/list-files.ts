import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file below a directory. */
export interface ListedFile {
  /** Relative to the directory, with slashes. */
  readonly name: string;
  /** Absolute, if the directory was. */
  readonly file: string;
}

/**
 * The files below a directory, in no particular order. What begins with a dot is left out, which editors and macOS put
 * beside files (`._001.sql`), and so is `node_modules`. Links are followed, each under its own name; a link to a
 * directory that it lies in is not. What is neither a file nor a directory, such as a socket, is left out.
 *
 * @throws the file system's error for a directory that cannot be read and for a link to nothing.
 */
export async function listFiles(directory: string): Promise<readonly ListedFile[]> {
  return list(directory, '', []);
}

async function list(directory: string, prefix: string, within: readonly string[]): Promise<readonly ListedFile[]> {
  const real = await realpath(directory);
  if (within.includes(real)) {
    return [];
  }
  const entries = (await readdir(directory, { withFileTypes: true })).filter(({ name }) => !isLeftOut(name));
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly ListedFile[]> => {
      const file = join(directory, entry.name);
      const name = `${prefix}${entry.name}`;
      const kind = await kindOf(entry, file);
      if (kind.isDirectory()) {
        return list(file, `${name}/`, [...within, real]);
      }
      return kind.isFile() ? [{ name, file }] : [];
    }),
  );
  return found.flat();
}

async function kindOf(entry: Dirent, file: string): Promise<Pick<Dirent, 'isDirectory' | 'isFile'>> {
  return entry.isSymbolicLink() ? stat(file) : entry;
}

function isLeftOut(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}
