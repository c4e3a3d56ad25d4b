import { MayflyError } from '../errors/mayfly-error.ts';
import { withDeadline } from '../service/deadline.ts';
import { pollUntilReady } from '../service/poll.ts';
import { isRunning, type ProcessIdentity } from '../system/process-identity.ts';
import { sendSignal } from '../system/send-signal.ts';
import type { ReadySession } from './background.ts';
import { askToStop, type StopOutcome } from './control.ts';

/** How long a teardown in the background may take, in milliseconds: its own deadline and some. */
const downTimeout = 30_000;

/**
 * Has the process that keeps an environment in the background take it away, and returns when that process has ended: with
 * how it went, where it said so.
 *
 * @throws MayflyError `MAYFLY_SERVICE_STOP_TIMEOUT`.
 */
export async function takeDown(
  keeper: ProcessIdentity,
  session: ReadySession | undefined,
): Promise<StopOutcome | { told: true }> {
  const outcome = await stop(keeper, session);
  await untilGone(keeper);
  return outcome;
}

/** Asks the keeper to stop what it keeps; one that has not come so far yet, or not any longer, is only told to end. */
async function stop(keeper: ProcessIdentity, session: ReadySession | undefined): Promise<StopOutcome | { told: true }> {
  if (session !== undefined) {
    try {
      return await askToStop(session.directory);
    } catch {
      // It ends some other way.
    }
  }
  sendSignal(keeper.pid, 'SIGTERM');
  return { told: true };
}

async function untilGone(keeper: ProcessIdentity): Promise<void> {
  const stuck = (): MayflyError =>
    new MayflyError('MAYFLY_SERVICE_STOP_TIMEOUT', {
      message: `The environment in the background, process ${keeper.pid}, did not end within ${downTimeout} ms.`,
      remedy: `End it with \`kill -9 ${keeper.pid}\`.`,
      phase: 'stop',
    });
  const deadline = { ms: downTimeout, signal: new AbortController().signal, expired: stuck };
  const gone = async (): Promise<void> => {
    if (isRunning(keeper)) {
      throw stuck();
    }
  };
  await withDeadline(deadline, (signal) => pollUntilReady(gone, { signal }));
}
