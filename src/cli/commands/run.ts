import type { Environment } from '../../environment/environment.ts';
import { exitCodeOf, onTermination, type TerminationSignal } from '../../session/signals.ts';
import { runCommand } from '../child.ts';
import { say } from '../output.ts';
import { reportError } from '../report-error.ts';
import { start, type StartFlags } from '../start.ts';
import { describeTeardown, summarise } from '../summary.ts';

/** `mayfly run`: the exit code is the command's own, or 1 where it succeeded and the teardown did not. */
export async function run(command: readonly string[], flags: StartFlags): Promise<number> {
  // Always heard: between two steps a signal must not end this process, and whoever is impatient during the teardown
  // waits for a few milliseconds; what was started is not left behind.
  const release = onTermination(() => {});
  try {
    return await runWithServers(command, flags);
  } finally {
    release();
  }
}

async function runWithServers(command: readonly string[], flags: StartFlags): Promise<number> {
  const environment = await startUnlessInterrupted(flags);
  if (typeof environment === 'string') {
    return exitCodeOf[environment];
  }
  summarise(environment.details, environment.timeline).forEach(say);
  try {
    const exitCode = await runCommand(command, environment.variables);
    return (await takeAway(environment)) ? exitCode : exitCode || 1;
  } catch (error) {
    const exitCode = reportError(error);
    await takeAway(environment);
    return exitCode;
  }
}

/** The environment, or the signal that came before it was ready. */
async function startUnlessInterrupted(flags: StartFlags): Promise<Environment | TerminationSignal> {
  const interruption = new AbortController();
  let interruptedBy: TerminationSignal | undefined;
  const release = onTermination((signal) => {
    interruptedBy ??= signal;
    interruption.abort();
  });
  try {
    return await start(flags, interruption.signal);
  } catch (error) {
    if (interruptedBy !== undefined) {
      return interruptedBy;
    }
    throw error;
  } finally {
    release();
  }
}

/** Stops the environment and tells how that went; whether it went well. */
async function takeAway(environment: Environment): Promise<boolean> {
  try {
    say(describeTeardown(await environment.stop()));
    return true;
  } catch (error) {
    reportError(error);
    return false;
  }
}
