import { readProcessEnv } from '../../config/process-env.ts';
import type { Environment } from '../../environment/environment.ts';
import { recordedOwnership } from '../../session/recorded-ownership.ts';
import { runCommand } from '../child.ts';
import { Interruption } from '../interruption.ts';
import { say } from '../output.ts';
import { reportError } from '../report-error.ts';
import { start, type StartFlags } from '../start.ts';
import { describeTeardown, summarise } from '../summary.ts';

/**
 * `mayfly run`: the exit code is that of the signal which interrupted the run, else the command's own, or 1 where it
 * succeeded and the teardown did not.
 */
export async function run(command: readonly string[], flags: StartFlags): Promise<number> {
  using interruption = new Interruption();
  const exitCode = await runWithServers(command, flags, interruption);
  return interruption.exitCode ?? exitCode;
}

async function runWithServers(
  command: readonly string[],
  flags: StartFlags,
  interruption: Interruption,
): Promise<number> {
  const environment = await interruption.before((signal) => start(flags, signal));
  if (environment === undefined) {
    return 1;
  }
  const { variables, details, session, timeline } = environment;
  const ownership = recordedOwnership(readProcessEnv().stateDirectory, session);
  let exitCode = 0;
  try {
    // A signal may have come as the last server was ready.
    if (interruption.exitCode === undefined) {
      summarise(details, timeline).forEach(say);
      exitCode = await runCommand(command, { variables, ownership, interruption });
    }
  } catch (error) {
    exitCode = reportError(error);
  }
  return (await takeAway(environment)) ? exitCode : exitCode || 1;
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
