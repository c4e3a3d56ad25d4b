import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';

/** How many of an application's last lines an error shows. */
const shownLines = 12;

/** By which a shell says that there is no such program, or none that may be run (POSIX, Shell Command Language, 2.8.2). */
const notRunnable = /^exit code 12[67]$/;

/** An application as an error speaks of it. */
export interface FailingApp {
  /** As the subject of a sentence. */
  readonly title: string;
  /** The name of its service, where it is one. */
  readonly service?: string | undefined;
  readonly logs: readonly string[];
  readonly cause?: unknown;
}

export function appInvalid(message: string, remedy: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_APP_INVALID', { message, remedy, phase: 'start', cause });
}

/** It ended by itself, or there is nobody any more of whom something is asked. */
export function appExited(app: FailingApp, when: string, how: string): MayflyError {
  const remedy = notRunnable.test(how)
    ? 'Correct its name or PATH; its parameters belong in `args`, and shell syntax needs `sh -c`.'
    : 'Mend what its output complains of.';
  return failed('MAYFLY_APP_EXITED', app, { message: `${app.title} ended ${when} (${how}).`, remedy, phase: 'start' });
}

export function appStopped(app: FailingApp): MayflyError {
  return new MayflyError('MAYFLY_APP_EXITED', {
    message: `${app.title} has been stopped.`,
    remedy: 'Ask it before `stop()`; where that is a fixture or a service, before the end of what it belongs to.',
    service: app.service,
    phase: 'run',
    cause: app.cause,
  });
}

export function appNotReady(app: FailingApp, ms: number): MayflyError {
  return failed('MAYFLY_APP_NOT_READY', app, {
    message: `${app.title} was not ready within ${Math.round(ms)} ms: ${reasonOf(app.cause)}.`,
    remedy:
      'See why `health` does not answer; a command must listen on the port in its variable PORT. What needs longer gets a greater `timeout`.',
    phase: 'start',
  });
}

export function appNotStarted(app: FailingApp): MayflyError {
  return failed('MAYFLY_APP_NOT_READY', app, {
    message: `${app.title} could not start: ${reasonOf(app.cause)}.`,
    remedy: 'Mend what it complains of.',
    phase: 'start',
  });
}

export function appNotStopped(app: FailingApp, ms: number): MayflyError {
  return failed('MAYFLY_APP_NOT_STOPPED', app, {
    message: `${app.title} had not ended ${Math.round(ms)} ms after it was told to.`,
    remedy: 'See what keeps it: a hook that never returns, or a process that cannot be killed.',
    phase: 'stop',
  });
}

function failed(
  code: 'MAYFLY_APP_EXITED' | 'MAYFLY_APP_NOT_READY' | 'MAYFLY_APP_NOT_STOPPED',
  { service, logs, cause }: FailingApp,
  { message, remedy, phase }: { readonly message: string; readonly remedy: string; readonly phase: 'start' | 'stop' },
): MayflyError {
  const output = logs.slice(-shownLines);
  const heading = output.length === 0 ? '' : ' Its last lines:';
  return new MayflyError(code, { message: `${message}${heading}`, remedy, service, phase, cause, output });
}
