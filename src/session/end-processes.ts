import { pollUntilFound } from '../service/poll.ts';
import { isRunning, type ProcessIdentity } from '../system/process-identity.ts';
import { membersOf, processesIn, wasStartedWith } from '../system/process-table.ts';
import { sendSignal } from '../system/send-signal.ts';
import type { RecordedResource } from './manifest.ts';

/** How long a process has to end by itself, in milliseconds. */
const endTimeout = 2_000;

/**
 * Ends a server: the process that was written down, and whatever runs in its directory, which may have been started just
 * before it could be written down, or have outlived the one that was. Resolves when they are gone.
 */
export async function endServer({ directory, process: main }: Recorded<'process'>, signal: AbortSignal): Promise<void> {
  const find = (): number[] => [
    ...new Set([...(main !== undefined && isRunning(main) ? [main.pid] : []), ...processesIn(directory)]),
  ];
  // Lets Postgres give its shared memory back, and ends Redis as well.
  await endAll(find, 'SIGQUIT', signal);
}

/** Ends the command that the servers were for, and all of its group where that is known to be its own. */
export async function endCommand(command: Recorded<'command'>, signal: AbortSignal): Promise<void> {
  const target = command.isGroup ? -command.process.pid : command.process.pid;
  await endAll(() => (hasCommand(command) ? [target] : []), 'SIGTERM', signal);
}

/**
 * Ends the command of an owner who has gone. Where its leader has ended, the number of its group may be somebody else's
 * by now: then it is ended only if it holds somebody who was started in the session.
 */
export async function endAbandonedCommand(
  command: Recorded<'command'>,
  { session, signal }: { readonly session: string; readonly signal: AbortSignal },
): Promise<void> {
  const { process: main, isGroup } = command;
  if (
    isRunning(main) ||
    (isGroup && livingMembersOf(main.pid).some((pid) => wasStartedWith(pid, 'MAYFLY_SESSION', session)))
  ) {
    await endCommand(command, signal);
  }
}

/** Whether the command still runs, or anybody of its group where that is its own. */
export function hasCommand({ process: main, isGroup }: Recorded<'command'>): boolean {
  return isGroup ? isGroupOf(main) : isRunning(main);
}

type Recorded<Kind extends RecordedResource['kind']> = Extract<RecordedResource, { readonly kind: Kind }>;

/** Sends a signal to all that are found, and SIGKILL to those that are still there after a while. */
async function endAll(find: () => number[], first: NodeJS.Signals, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  const told = new Set<number>();
  const look = async (): Promise<true | undefined> => {
    const found = find();
    const isLate = performance.now() - begun > endTimeout;
    for (const pid of found.filter((each) => isLate || !told.has(each))) {
      told.add(pid);
      sendSignal(pid, isLate ? 'SIGKILL' : first);
    }
    return found.length === 0 ? true : undefined;
  };
  await pollUntilFound(look, signal);
}

/** Whether there is still somebody in the group that this process leads or led. */
function isGroupOf(leader: ProcessIdentity): boolean {
  // A number is not given away again as long as a group has it; where somebody else has it, the group is theirs.
  const isTheirs = !isRunning(leader) && isRunning({ pid: leader.pid });
  return !isTheirs && hasMembers(leader.pid);
}

function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH' || process.platform !== 'linux') {
      return false;
    }
  }
  // Those who have ended, and whose parents do not care to hear of it, count as members to kill(2).
  return process.platform !== 'linux' || livingMembersOf(group).length > 0;
}

function livingMembersOf(group: number): number[] {
  return membersOf(group).filter((pid) => isRunning({ pid }));
}
