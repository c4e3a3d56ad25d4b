import { readProcessEnv } from '../../config/process-env.ts';
import type { PostgresDetails, RedisDetails } from '../../connection/details.ts';
import { attachedEnvironment } from '../../environment/attach.ts';
import { AttachedEnvironment } from '../../environment/attached-environment.ts';
import { reaperCommand } from '../../environment/clean-up/reaper-command.ts';
import { connectionVariables } from '../../environment/connection-variables.ts';
import type { Lease } from '../../environment/leases/lease.ts';
import type { Description } from '../../session/session-files.ts';
import { Session } from '../../session/session.ts';
import { Background } from '../background.ts';
import { runCommand } from '../child.ts';
import { Interruption } from '../interruption.ts';
import { reportError } from '../report-error.ts';

export interface LeaseFlags {
  readonly name?: string;
}

/**
 * `mayfly lease`: the exit code is that of the signal which interrupted it, else the command's own, or 1 where it
 * succeeded and what it had could not be given back.
 */
export async function lease(command: readonly string[], { name = command.join(' ') }: LeaseFlags): Promise<number> {
  using interruption = new Interruption();
  await using environment = new AttachedEnvironment(await findEnvironment(), {});
  const taken = await interruption.before((signal) => environment.lease({ name, signal }));
  if (taken === undefined) {
    return interruption.exitCode ?? 1;
  }
  let exitCode = 0;
  try {
    // A signal may have come as the lease was had.
    if (interruption.exitCode === undefined) {
      exitCode = await runWithLease(command, variablesOf(environment.session, taken), interruption);
    }
  } catch (error) {
    exitCode = reportError(error);
  }
  exitCode = (await giveBack(taken)) ? exitCode : exitCode || 1;
  return interruption.exitCode ?? exitCode;
}

/** The command has a reaper of its own: the environment may go on for long after this process was killed. */
async function runWithLease(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
  interruption: Interruption,
): Promise<number> {
  const ownership = Session.open(readProcessEnv().stateDirectory, process.cwd(), reaperCommand);
  try {
    return await runCommand(command, { variables, ownership, interruption });
  } finally {
    await ownership.close();
  }
}

/** That which this process was started in, else that which `mayfly up` keeps for the project. */
async function findEnvironment(): Promise<Description> {
  const around = attachedEnvironment();
  if (around !== undefined) {
    return around;
  }
  const background = await Background.open();
  const { session } = background;
  if (session === undefined) {
    throw background.notRunning();
  }
  return session.description;
}

function variablesOf(session: string, taken: Lease): Record<string, string> {
  // Where the definition leaves a server out the lease has none, whatever the type of any lease says.
  const { postgres, redis } = taken as { readonly postgres?: Lease['postgres']; readonly redis?: RedisDetails };
  // psql and all else that is built on libpq refuse the parameters of the other URL.
  const plain: PostgresDetails | undefined = postgres && { ...postgres, url: postgres.plainUrl };
  return connectionVariables(session, { postgres: plain, redis });
}

/** Whether that went well, which is told otherwise. */
async function giveBack(taken: Lease): Promise<boolean> {
  try {
    await taken.release();
    return true;
  } catch (error) {
    reportError(error);
    return false;
  }
}
