import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pollUntilFound } from '../../service/poll.ts';
import { processesIn } from '../../system/process-table.ts';
import { sendSignal } from '../../system/send-signal.ts';

/** How long processes may take to be gone that were killed, in milliseconds. */
const killTimeout = 1_000;

/**
 * Ends the sessions that outlive a Postgres which was killed: one that computes does not look up before it is done, and
 * would write into a directory that has been removed. A server that ended by itself has ended them, and removed its lock
 * file.
 */
export async function endOrphans(data: string): Promise<void> {
  if (!existsSync(join(data, 'postmaster.pid'))) {
    return;
  }
  const signal = AbortSignal.timeout(killTimeout);
  const areGone = async (): Promise<true | undefined> => {
    const found = processesIn(data);
    found.forEach((pid) => sendSignal(pid, 'SIGKILL'));
    return found.length === 0 ? true : undefined;
  };
  // One that the system does not let go of is no reason to keep the rest.
  await pollUntilFound(areGone, signal).catch(() => {});
}
