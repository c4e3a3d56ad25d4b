import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { childEnv } from '../config/process-env.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { onTermination } from '../session/signals.ts';

/**
 * Runs a command with our own standard streams and gives its exit code, 128 + n where signal n ended it. Signals that
 * ask us to end are the command's first: we wait for its end.
 *
 * @throws MayflyError `MAYFLY_COMMAND_NOT_FOUND`.
 */
export async function runCommand(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const [program = '', ...parameters] = command;
  const child = spawnCommand(program, parameters, variables);
  const release = onTermination((signal) => {
    // Ctrl-C reaches the command by itself, as part of the terminal's foreground; twice would mean "at once" to many.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  });
  const crash = (error: unknown): void => {
    child.kill('SIGTERM');
    crashed.reject(error);
  };
  const crashed = Promise.withResolvers<never>();
  // A service's own code may throw when nobody waits for it. What it leaves behind is ours to take away all the same.
  process.on('uncaughtException', crash);
  try {
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(notFound(program, error)));
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
    return await Promise.race([exited, crashed.promise]);
  } finally {
    process.off('uncaughtException', crash);
    release();
  }
}

/** @throws MayflyError `MAYFLY_COMMAND_NOT_FOUND` for what cannot even be looked for, such as an empty name. */
function spawnCommand(
  program: string,
  parameters: readonly string[],
  variables: Readonly<Record<string, string>>,
): ChildProcess {
  try {
    return spawn(program, parameters, { stdio: 'inherit', env: childEnv(variables) });
  } catch (error) {
    throw notFound(program, error as NodeJS.ErrnoException);
  }
}

function notFound(program: string, cause: NodeJS.ErrnoException): MayflyError {
  const reason = cause.code === 'EACCES' ? 'may not be executed' : 'was not found';
  return new MayflyError('MAYFLY_COMMAND_NOT_FOUND', {
    message: `The command "${program}" ${reason}.`,
    remedy: 'Correct its name or PATH; for shell syntax use `sh -c`.',
    phase: 'run',
    cause,
  });
}
