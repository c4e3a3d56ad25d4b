import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';

/** How many of a server's last log lines an error shows. */
export const shownLogLines = 12;

/** A server as an error speaks of it. */
export interface FailingServer {
  /** The name of its service. */
  readonly service: string;
  /** Its last log lines. */
  readonly output: readonly string[];
  /** What the last question to it failed with. */
  readonly cause?: unknown;
}

export function serverExited({ service, output, cause }: FailingServer, how: string): MayflyError {
  return new MayflyError('MAYFLY_SERVER_EXITED', {
    message: `The ${service} server ended while it was starting (${how}). Its last log lines:`,
    remedy: 'Mend what the log complains of; `mayfly doctor` checks the rest.',
    service,
    phase: 'start',
    output,
    cause,
  });
}

export function serverNotReady({ service, output, cause }: FailingServer, ms: number): MayflyError {
  return new MayflyError('MAYFLY_SERVER_NOT_READY', {
    message: `The ${service} server did not answer a query within ${Math.round(ms)} ms: ${reasonOf(cause)}. Its last log lines:`,
    remedy: 'Look for the cause in the log, or give the machine more room.',
    service,
    phase: 'start',
    output,
    cause,
  });
}

/** A server that had been ready has ended, and nobody here ended it. */
export function serverDied({ service, output, cause }: FailingServer, how: string): MayflyError {
  const log = output.length === 0 ? 'It has logged nothing.' : 'Its last log lines:';
  return new MayflyError('MAYFLY_SERVER_DIED', {
    message: `The ${service} server has died (${how}). ${log}`,
    remedy:
      'Mend what the log complains of, or where it was killed, as it is when memory runs out, give it more; then start the environment again.',
    service,
    phase: 'run',
    output,
    cause,
  });
}

export function portTaken(service: string, port: number | undefined, cause?: unknown): MayflyError {
  const message =
    port === undefined ? `No free port was found for ${service}.` : `Port ${port} for ${service} is taken.`;
  const remedy = `Leave out ${service}.port to have a free one chosen, or end what listens there.`;
  return new MayflyError('MAYFLY_PORT_TAKEN', { message, remedy, service, phase: 'start', cause });
}

/** How many ports are tried where none is asked for. */
export const portAttempts = 5;

/** Whether this says that a port is taken: in Docker's words, or in the operating system's own (EADDRINUSE). */
export function isPortConflict(text: string): boolean {
  return /port is already allocated|address already in use/i.test(text);
}
