import { MayflyError } from '../errors/mayfly-error.ts';
import { noRoom, saysNoRoom } from '../errors/no-room.ts';
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
  /** Whether the disk with its data was seen to be full; else it is for the server to say. */
  readonly isFull?: boolean | undefined;
}

export function serverExited(failing: FailingServer, how: string): MayflyError {
  const { service, output, cause } = failing;
  const error = new MayflyError('MAYFLY_SERVER_EXITED', {
    ...withLog(`The ${service} server ended while it was starting (${how}).`, output),
    remedy: 'Mend what the log complains of; `mayfly doctor` checks the rest.',
    service,
    phase: 'start',
    cause,
  });
  return unlessFull(failing, error);
}

export function serverNotReady(failing: FailingServer, ms: number): MayflyError {
  const { service, output, cause } = failing;
  const error = new MayflyError('MAYFLY_SERVER_NOT_READY', {
    ...withLog(`The ${service} server did not answer a query within ${Math.round(ms)} ms: ${reasonOf(cause)}.`, output),
    remedy: 'Look for the cause in the log, or give the machine more room.',
    service,
    phase: 'start',
    cause,
  });
  return unlessFull(failing, error);
}

/**
 * A server that had been ready has ended, and nobody here ended it. `wasTold` says that its last log lines have been
 * printed already, and need not be once more.
 */
export function serverDied(
  failing: FailingServer,
  how: string,
  { wasTold = false }: { readonly wasTold?: boolean } = {},
): MayflyError {
  const { service, output, cause } = failing;
  const hasLog = output.length > 0;
  const died = `The ${service} server has died (${how}).`;
  const error = new MayflyError('MAYFLY_SERVER_DIED', {
    ...(wasTold && hasLog
      ? { message: `${died} Its last log lines were printed when it died.` }
      : withLog(died, output)),
    remedy: hasLog
      ? 'Mend what the log complains of, or where it was killed, as it is when memory runs out, give it more; then start the environment again.'
      : 'Find out who ended it, or whether memory ran out; then start the environment again.',
    service,
    phase: 'run',
    cause,
  });
  return unlessFull(failing, error);
}

function withLog(
  message: string,
  output: readonly string[],
): { readonly message: string; readonly output?: readonly string[]; readonly outputTitle?: string } {
  return output.length === 0
    ? { message: `${message} It left no log.` }
    : { message, output, outputTitle: 'Its last log lines:' };
}

/** The error itself, or as the cause of the one for a server that has no room. */
function unlessFull({ service, output, cause, isFull = false }: FailingServer, error: MayflyError): MayflyError {
  return isFull || [cause, ...output].some(saysNoRoom)
    ? noRoom({ service, phase: error.phase ?? 'run', cause: error })
    : error;
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
