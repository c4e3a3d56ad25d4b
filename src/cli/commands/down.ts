import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { isRunning, type ProcessIdentity } from '../../session/process-identity.ts';
import { Background } from '../background.ts';
import { answer, say } from '../output.ts';

/** How long a teardown in the background may take, in milliseconds: its own deadline and some. */
const downTimeout = 30_000;

/** `mayfly down`: ends the environment in the background. Where there is none there is nothing to do. */
export async function down({ json }: { readonly json?: boolean }): Promise<number> {
  const background = await Background.open();
  const { keeper } = background;
  if (keeper !== undefined) {
    end(keeper);
    await untilGone(keeper);
  }
  if (json) {
    answer(JSON.stringify({ stopped: keeper !== undefined }));
  } else {
    say(keeper === undefined ? 'nothing was running' : 'removed');
  }
  return 0;
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
