import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { isRunning, type ProcessIdentity } from '../../system/process-identity.ts';
import { Background, type ReadySession } from '../background.ts';
import { askToStop, type StopOutcome } from '../control.ts';
import { answer, say } from '../output.ts';
import { describeTeardown } from '../summary.ts';

/** How long a teardown in the background may take, in milliseconds: its own deadline and some. */
const downTimeout = 30_000;

/** `mayfly down`: ends the environment in the background. Where there is none there is nothing to do. */
export async function down({ json }: { readonly json?: boolean }): Promise<number> {
  const { keeper, session } = await Background.open();
  if (keeper === undefined) {
    return tell({ stopped: false }, 'nothing was running', json);
  }
  const outcome = await stop(keeper, session);
  await untilGone(keeper);
  if ('failure' in outcome) {
    tell({ stopped: true, failure: outcome.failure }, outcome.failure, json);
    return 1;
  }
  return tell({ stopped: true }, 'report' in outcome ? describeTeardown(outcome.report) : 'removed', json);
}

function tell(data: object, text: string, json: boolean | undefined): 0 {
  if (json) {
    answer(JSON.stringify(data));
  } else {
    say(text);
  }
  return 0;
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
  end(keeper);
  return { told: true };
}

function end({ pid }: ProcessIdentity): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
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
