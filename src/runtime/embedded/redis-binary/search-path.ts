import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Every executable file called `name` in the directories of a PATH, in their order. Relative directories are passed
 * over: what they mean depends on where the tests happen to be run.
 */
export async function findOnPath(name: string, searchPath: string): Promise<string[]> {
  const candidates = searchPath
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .map((directory) => join(directory, name));
  const executable = await Promise.all(candidates.map(isExecutableFile));
  return [...new Set(candidates.filter((_, index) => executable[index]))];
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
