import { isMayflyError } from '../errors/mayfly-error.ts';
import { paint, say } from './output.ts';

/** The exit code for a wrong command line. */
export const usageExitCode = 2;

/** Prints an error on standard error and gives the exit code: 2 for a wrong command line, 126 and 127 as shells do. */
export function reportError(error: unknown): number {
  if (!isMayflyError(error)) {
    say(paint('red', 'unexpected error'));
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
  say(`${paint('red', error.code)} ${error.message}`);
  if (error.code === 'MAYFLY_COMMAND_NOT_FOUND') {
    const { code } = (error.cause ?? {}) as { code?: string };
    return code === 'EACCES' ? 126 : 127;
  }
  return error.code === 'MAYFLY_USAGE' || error.code === 'MAYFLY_RUNTIME_UNKNOWN' ? usageExitCode : 1;
}
