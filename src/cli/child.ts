import { spawn } from 'node:child_process';
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
  const child = spawn(program, parameters, { stdio: 'inherit', env: childEnv(variables) });
  const release = onTermination((signal) => {
    // Ctrl-C reaches the command by itself, as part of the terminal's foreground; twice would mean "at once" to many.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(notFound(program, error)));
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
  } finally {
    release();
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
