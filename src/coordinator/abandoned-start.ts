import { MayflyError } from '../errors/mayfly-error.ts';
import { withDeadline } from '../service/deadline.ts';
import type { Service } from '../service/service.ts';
import type { StopStep } from './stop-service.ts';

/** A start that nobody waits for any longer, because its deadline has passed or the environment was given up. */
export interface AbandonedStart {
  readonly service: Service;
  /** When it has released what it acquired, with the step that stopped its value if it came to have one. */
  readonly end: Promise<StopStep | undefined>;
}

/**
 * Waits until a start that was given up has released what it acquired, within its service's own deadline for a stop or
 * `timeout`. Never throws: the step says what went wrong.
 */
export async function settleAbandoned(
  { service, end }: AbandonedStart,
  timeout: number,
): Promise<StopStep | undefined> {
  const ms = Math.min(service.timeouts.stop, timeout);
  const error = stillStarting(service.name, ms);
  const deadline = { ms, signal: new AbortController().signal, expired: () => error };
  try {
    return await withDeadline(deadline, () => end);
  } catch {
    return { service: service.name, outcome: 'timed out', duration: ms, error };
  }
}

function stillStarting(service: string, ms: number): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_STOP_TIMEOUT', {
    message: `The start of service "${service}" was given up, and did not end within ${ms} ms.`,
    remedy: 'Have its start heed the signal that it receives.',
    service,
    phase: 'stop',
  });
}
