import { execFileSync } from 'node:child_process';
import { statOf } from './process-table.ts';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own notation; `undefined` where the system does not tell. */
  readonly startTime?: string | undefined;
}

/** Who has this number now, or `undefined` if nobody has. */
export function identify(pid: number): ProcessIdentity | undefined {
  return exists(pid) ? { pid, startTime: inquire(pid).startTime } : undefined;
}

/** Whether this very process still runs. One that has ended, and only waits for its parent to hear of it, does not. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  if (!exists(pid)) {
    return false;
  }
  const current = inquire(pid);
  return !current.hasEnded && (startTime === undefined || current.startTime === startTime);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** On Linux fields 3 and 22 of /proc/PID/stat, the latter in clock ticks since boot (proc(5)); elsewhere what ps says. */
function inquire(pid: number): { readonly startTime: string | undefined; readonly hasEnded: boolean } {
  if (process.platform === 'linux') {
    const stat = statOf(pid);
    return { startTime: stat[19], hasEnded: stat[0] === 'Z' };
  }
  try {
    const startTime = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return { startTime, hasEnded: false };
  } catch {
    return { startTime: undefined, hasEnded: false };
  }
}
