import { MayflyError } from '../errors/mayfly-error.ts';

/** How many of a server's last log lines an error shows. */
export const shownLogLines = 12;

/** A server as an error speaks of it. */
export interface FailingServer {
  /** The name of its service. */
  readonly service: string;
  /** Its last log lines. */
  readonly output: readonly string[];
}

export function serverExited({ service, output }: FailingServer, how: string): MayflyError {
  return new MayflyError('MAYFLY_SERVER_EXITED', {
    message: `The ${service} server ended while it was starting (${how}). Its last log lines:`,
    remedy: 'Mend what the log complains of; `mayfly doctor` checks the rest.',
    service,
    phase: 'start',
    output,
  });
}

export function serverNotReady({ service, output }: FailingServer, ms: number, reason: string): MayflyError {
  return new MayflyError('MAYFLY_SERVER_NOT_READY', {
    message: `The ${service} server did not answer a query within ${ms} ms: ${reason}. Its last log lines:`,
    remedy: 'Look for the cause in the log, or give the machine more room.',
    service,
    phase: 'start',
    output,
  });
}

export function portTaken(service: string, port: number | undefined, cause?: unknown): MayflyError {
  const message =
    port === undefined ? `No free port was found for ${service}.` : `Port ${port} for ${service} is taken.`;
  const remedy = `Leave out ${service}.port to have a free one chosen, or end what listens there.`;
  return new MayflyError('MAYFLY_PORT_TAKEN', { message, remedy, service, phase: 'start', cause });
}
