import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

// What Linux tells of its processes, in /proc (proc(5)). Elsewhere nobody tells, and nothing is found.

/**
 * Whoever has a directory, or one in it, as the working directory. Servers have no terminal: whoever has one is somebody who
 * looks around there, and is not among them.
 */
export function processesIn(directory: string): number[] {
  return allProcesses().filter((pid) => pid !== process.pid && isIn(directory, pid) && !hasTerminal(pid));
}

/** The members of a process group, those among them that have ended included. */
export function membersOf(group: number): number[] {
  return allProcesses().filter((pid) => Number(statOf(pid)[2]) === group);
}

/** Whether a process was started with this value in its environment. */
export function wasStartedWith(pid: number, name: string, value: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${name}=${value}`);
  } catch {
    // It has ended, or is somebody else's.
    return false;
  }
}

/** The fields of /proc/PID/stat from the third on; none where there is no such process. */
export function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function allProcesses(): number[] {
  if (process.platform !== 'linux') {
    return [];
  }
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function isIn(directory: string, pid: number): boolean {
  try {
    // Of one that has been removed the name has a word more.
    const path = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
    return path === directory || path.startsWith(`${directory}/`);
  } catch {
    return false;
  }
}

function hasTerminal(pid: number): boolean {
  return Number(statOf(pid)[4] ?? 0) !== 0;
}
