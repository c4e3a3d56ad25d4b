import { statfs } from 'node:fs/promises';

/** With less than this Postgres cannot do anything that needs room: a copy of an empty database takes half of it. */
const least = 16 * 2 ** 20;

/** How much there is on the file system of this directory for those who are not root, in bytes. */
export async function freeSpaceIn(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Whether there is no room left to speak of: a server that fails then has failed for that, and a full disk often takes
 * its log as well. What it could not write in full is gone again, so it is not asked whether there is nothing at all.
 */
export async function isFull(directory: string): Promise<boolean> {
  return freeSpaceIn(directory).then(
    (free) => free < least,
    () => false,
  );
}
