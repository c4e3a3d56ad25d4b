import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

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

/** The process group that one is in, on Linux; `undefined` elsewhere, and where there is no such process. */
export function groupOf(pid: number): number | undefined {
  const group = statOf(pid)[2];
  return group === undefined ? undefined : Number(group);
}

/** Whether it is controlled from a terminal, on Linux. */
export function hasTerminal(pid: number): boolean {
  return Number(statOf(pid)[4] ?? 0) !== 0;
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

/** The fields of /proc/PID/stat from the third on (proc(5)). */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
