import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { reasonOf } from '../../../errors/reason.ts';
import { inBatches } from '../migrations/in-batches.ts';
import { listFiles } from '../migrations/list-files.ts';

/**
 * A digest (SHA-256, in hexadecimal) of files, and of everything below directories, by their paths relative to `base`
 * and their contents. It is the same wherever `base` lies, whenever the files were written and in whichever order they
 * are named; an empty directory counts for nothing.
 *
 * Links are followed. Below a directory, what begins with a dot and `node_modules` are left out; an input that is named
 * itself counts, whatever its name.
 *
 * @throws MayflyError `MAYFLY_INPUT_MISSING` when an input, or a file below one, does not exist or cannot be read.
 */
export async function digestInputs(inputs: readonly (string | URL)[], base: string): Promise<string> {
  const home = resolve(base);
  const files = new Map<string, string>();
  for (const input of inputs) {
    for (const file of await reading(input, () => filesOf(input, home))) {
      files.set(relative(home, file).split(sep).join('/'), file);
    }
  }
  const digest = createHash('sha256');
  // By code units, which are the same in every locale.
  const names = [...files.keys()].sort();
  const digests = await inBatches(names, async (name) => digestOf(files.get(name) ?? name));
  for (const [index, name] of names.entries()) {
    // The length says where the name ends, which no character could; a digest has always the same.
    digest.update(`${Buffer.byteLength(name)}:${name}${digests[index]}`);
  }
  return digest.digest('hex');
}

async function digestOf(file: string): Promise<string> {
  const content = await reading(file, () => readFile(file));
  return createHash('sha256').update(content).digest('hex');
}

async function filesOf(input: string | URL, home: string): Promise<readonly string[]> {
  const path = input instanceof URL ? fileURLToPath(input) : resolve(home, input);
  const kind = await stat(path);
  if (kind.isDirectory()) {
    return (await listFiles(path)).map(({ file }) => file);
  }
  if (!kind.isFile()) {
    throw new Error('it is neither a file nor a directory');
  }
  return [path];
}

async function reading<T>(input: string | URL, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new MayflyError('MAYFLY_INPUT_MISSING', {
      message: `The input ${String(input)} could not be read: ${reasonOf(error)}.`,
      remedy: 'Correct the path, which is relative to the definition, or take it out of `inputs`.',
      service: 'postgres',
      phase: 'provision',
      cause: error,
    });
  }
}
