import type { Ownership } from '../service/ownership.ts';
import type { TerminationSignal } from '../session/signals.ts';
import { CommandProcess } from './command-process.ts';
import type { Interruption } from './interruption.ts';
import { say } from './output.ts';
import { headline } from './summary.ts';

/** How long a command has to end by itself after a signal, in milliseconds. */
const grace = 10_000;

/** How much longer than that is waited for what it leaves behind, in milliseconds. */
const margin = 1_000;

/** What a command is run with. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, string>>;
  /** Where it is written down, for whoever comes after a crash. */
  readonly ownership: Ownership;
  readonly interruption: Interruption;
}

/**
 * Runs a command with our own standard streams and gives its exit code, 128 + n where signal n ended it. Signals are the
 * command's first, which has 10 seconds to end. What it leaves behind in its process group is ended as well.
 *
 * @throws MayflyError `MAYFLY_COMMAND_NOT_FOUND`.
 */
export async function runCommand(command: readonly string[], surroundings: Surroundings): Promise<number> {
  const { variables, ownership, interruption } = surroundings;
  const running = new CommandProcess(command, variables);
  let sent: TerminationSignal | undefined;
  let timer: NodeJS.Timeout | undefined;
  const release = interruption.listen({
    first: (signal) => {
      sent = signal;
      timer = interrupt(running, signal, interruption);
    },
    again: () => running.send('SIGKILL'),
  });
  const crashed = Promise.withResolvers<never>();
  // A service's own code may throw when nobody waits for it. What it leaves behind is ours to take away all the same.
  process.on('uncaughtException', crashed.reject);
  try {
    running.record(ownership);
    const exitCode = await Promise.race([running.exited, crashed.promise]);
    await waitForRest(running, sent);
    return exitCode;
  } finally {
    await running.end();
    running.strike(ownership);
    clearTimeout(timer);
    process.off('uncaughtException', crashed.reject);
    release();
  }
}

/** Passes a signal on and gives the timer that ends the command's time. */
function interrupt(running: CommandProcess, signal: TerminationSignal, interruption: Interruption): NodeJS.Timeout {
  // Ctrl-C reaches a command on a terminal by itself; twice would mean "at once" to many.
  const isKey = signal === 'SIGINT' && !running.isGroup;
  if (!isKey) {
    running.send(signal);
  }
  return setTimeout(() => {
    if (isKey) {
      // To this command it does not mean the end: in psql it cancels a query.
      interruption.forget();
    } else {
      say(headline(`killed what had not ended ${grace / 1_000} s after ${signal}`));
      running.send('SIGKILL');
    }
  }, grace);
}

/** Waits for what the command has left behind to have its time, and says where that must be ended. */
async function waitForRest(running: CommandProcess, sent: TerminationSignal | undefined): Promise<void> {
  // Programs that have been asked already are not asked twice: where npm ends at once, what it had started may be about
  // to end in order. SIGINT is another matter: shells have it ignored by what they run in the background.
  if (sent === 'SIGTERM' || sent === 'SIGHUP') {
    // What runs as somebody else, by sudo, may stay whatever is sent to it.
    await running.gone(AbortSignal.timeout(grace + margin)).catch(() => {});
  }
  if (running.isRunning) {
    say(headline('ends processes that the command has left behind'));
  }
}
