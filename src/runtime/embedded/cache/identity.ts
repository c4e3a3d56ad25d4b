import { stat } from 'node:fs/promises';

/**
 * What tells this directory from one that is put in its place later, and stays with it when it is moved; `undefined`
 * when there is none.
 */
export async function identityOf(directory: string): Promise<string | undefined> {
  try {
    const status = await stat(directory, { bigint: true });
    // The number alone is not enough: ext4 gives that of a removed directory to the next that is made.
    return status.isDirectory() ? `${status.ino}-${status.mtimeNs}` : undefined;
  } catch {
    return undefined;
  }
}
