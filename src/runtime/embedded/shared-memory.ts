import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Removes the segment of System V shared memory that a Postgres which was killed has left: it is no file, so it would
 * outlive the data directory. A server that ended by itself has removed it, together with its lock file.
 */
export async function removeSharedMemory(data: string): Promise<void> {
  const lockFile = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  // The seventh line holds the segment's key and its number (PostgreSQL, src/include/utils/pidfile.h).
  const [, segment] = lockFile.split('\n')[6]?.trim().split(/\s+/) ?? [];
  if (segment !== undefined) {
    // It fails where somebody was faster.
    await run('ipcrm', ['-m', segment]).catch(() => {});
  }
}
