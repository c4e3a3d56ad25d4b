import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { withDeadline } from '../service/deadline.ts';
import type { Service, SharedContext } from '../service/service.ts';
import type { Timeline } from './timeline.ts';

/** What became of the stop of one service. */
export interface StopStep {
  readonly service: string;
  readonly outcome: 'stopped' | 'failed' | 'timed out';
  /** In milliseconds. */
  readonly duration: number;
  readonly error?: MayflyError;
}

/** Stops one service within `ms` milliseconds. Never throws: the step says what went wrong. */
export async function stopService(
  service: Service,
  value: unknown,
  { ms, shared, timeline }: { readonly ms: number; readonly shared: SharedContext; readonly timeline: Timeline },
): Promise<StopStep> {
  const begun = performance.now();
  const end = (outcome: StopStep['outcome'], error?: MayflyError): StopStep => ({
    service: service.name,
    outcome,
    duration: performance.now() - begun,
    ...(error && { error }),
  });
  // Nothing cancels a stop but its deadline.
  const deadline = { ms, signal: new AbortController().signal, expired: () => timedOut(service.name, ms) };
  try {
    await timeline.measure({ service: service.name, phase: 'stop', attempt: 1 }, () =>
      withDeadline(deadline, (signal) => service.stop(value, { ...shared, signal })),
    );
    return end('stopped');
  } catch (error) {
    const isLate = error instanceof MayflyError && error.code === 'MAYFLY_SERVICE_STOP_TIMEOUT';
    return isLate ? end('timed out', error) : end('failed', failed(service.name, error));
  }
}

function timedOut(service: string, ms: number): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_STOP_TIMEOUT', {
    message: `Service "${service}" did not stop within ${Math.round(ms)} ms.`,
    remedy: 'Find out what its stop waits for, or raise timeouts.stop.',
    service,
    phase: 'stop',
  });
}

function failed(service: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_STOP_FAILED', {
    message: `Service "${service}" failed to stop: ${reasonOf(cause)}.`,
    remedy: 'Mend its stop; what it holds may have been left behind.',
    service,
    phase: 'stop',
    cause,
  });
}
