import { pollUntilFound } from '../service/poll.ts';
import { sendSignal } from './send-signal.ts';

/** How those are ended who are found. */
export interface Ending {
  /** Finds those who are still there: the numbers of processes, and of groups as negative ones. */
  readonly find: () => number[];
  /** What each is sent first. */
  readonly first: NodeJS.Signals;
  /** After how many milliseconds those who are still there are killed. */
  readonly grace: number;
  /** Ends the wait, with its own reason. */
  readonly signal: AbortSignal;
}

/** Sends a signal to all that are found, and SIGKILL to those that are still there after a while. Resolves when nobody is. */
export async function endAll({ find, first, grace, signal }: Ending): Promise<void> {
  const begun = performance.now();
  const told = new Set<number>();
  const look = async (): Promise<true | undefined> => {
    const found = find();
    const isLate = performance.now() - begun > grace;
    for (const pid of found.filter((each) => isLate || !told.has(each))) {
      told.add(pid);
      sendSignal(pid, isLate ? 'SIGKILL' : first);
    }
    return found.length === 0 ? true : undefined;
  };
  await pollUntilFound(look, signal);
}
