import { endAll } from '../system/end-all.ts';
import { isGroupOf, livingMembersOf } from '../system/process-group.ts';
import { isRunning } from '../system/process-identity.ts';
import { processesIn, wasStartedWith } from '../system/process-table.ts';
import type { RecordedResource } from './manifest.ts';

/** How long a process has to end by itself, in milliseconds. */
const grace = 2_000;

/**
 * Ends a server: the process that was written down, and whatever runs in its directory, which may have been started just
 * before it could be written down, or have outlived the one that was. Resolves when they are gone.
 */
export async function endServer({ directory, process: main }: Recorded<'process'>, signal: AbortSignal): Promise<void> {
  const find = (): number[] => [
    ...new Set([...(main !== undefined && isRunning(main) ? [main.pid] : []), ...processesIn(directory)]),
  ];
  // Lets Postgres give its shared memory back, and ends Redis as well.
  await endAll({ find, first: 'SIGQUIT', grace, signal });
}

/** Ends the command that the servers were for, and all of its group where that is known to be its own. */
export async function endCommand(command: Recorded<'command'>, signal: AbortSignal): Promise<void> {
  const target = command.isGroup ? -command.process.pid : command.process.pid;
  const find = (): number[] => (hasCommand(command) ? [target] : []);
  await endAll({ find, first: 'SIGTERM', grace, signal });
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
