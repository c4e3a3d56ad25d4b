import { isMayflyError, MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { withDeadline } from '../service/deadline.ts';
import { pollUntilReady } from '../service/poll.ts';
import { retry } from '../service/retry.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { stopService, type StopStep } from './stop-service.ts';
import type { Timeline } from './timeline.ts';

/** What the start of one service needs from the coordinator. */
export interface StartOptions {
  readonly dependencies: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly shared: SharedContext;
  readonly timeline: Timeline;
  /** Receives a start that was given up and goes on: its end, after what it made has been stopped. */
  readonly abandon: (end: Promise<StopStep | undefined>) => void;
}

/**
 * Starts a service and waits until its check passes, trying again as often as the service allows. A value whose check
 * never passed is stopped before the next attempt, and a start that was given up has released what it acquired.
 *
 * @throws MayflyError `MAYFLY_SERVICE_START_FAILED`, `MAYFLY_SERVICE_START_TIMEOUT`, `MAYFLY_SERVICE_NOT_READY`, or
 * the service's own MayflyError.
 */
export async function startService(service: Service, options: StartOptions): Promise<unknown> {
  const { signal, timeline } = options;
  let released: Promise<unknown> = Promise.resolve();
  const abandon: StartOptions['abandon'] = (end) => {
    released = end;
    options.abandon(end);
  };
  return retry(service.retry, signal, async (attempt) => {
    await untilReleased(service, released, signal);
    const step = { service: service.name, attempt };
    const value = await timeline.measure({ ...step, phase: 'start' }, () =>
      callStart(service, { ...options, abandon }),
    );
    try {
      await timeline.measure({ ...step, phase: 'check' }, () => waitUntilHealthy(service, value, options));
    } catch (error) {
      throw await withdraw(service, value, error, options);
    }
    return value;
  });
}

/** Waits for the end of an attempt that was given up, as long as its service may take for a stop. */
async function untilReleased(service: Service, released: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const deadline = { ms: service.timeouts.stop, signal, expired: () => new Error('too late') };
  try {
    await withDeadline(deadline, () => released);
  } catch {
    // Out of time is no failure yet: whoever it was abandoned to waits for it again, and says so.
    signal.throwIfAborted();
  }
}

async function callStart(service: Service, options: StartOptions): Promise<unknown> {
  const { dependencies, signal, shared, timeline, abandon } = options;
  let starting: Promise<unknown> | undefined;
  const deadline = {
    ms: service.timeouts.start,
    signal,
    expired: () =>
      new MayflyError('MAYFLY_SERVICE_START_TIMEOUT', {
        message: `Service "${service.name}" did not start within ${service.timeouts.start} ms.`,
        remedy: 'Find out what its start waits for, or raise timeouts.start.',
        service: service.name,
        phase: 'start',
      }),
  };
  try {
    return await withDeadline(deadline, (bounded) => {
      starting = service.start(dependencies, { ...shared, signal: bounded });
      return starting;
    });
  } catch (error) {
    const stop = (value: unknown): Promise<StopStep> =>
      stopService(service, value, { ms: service.timeouts.stop, shared, timeline });
    abandon(starting === undefined ? Promise.resolve(undefined) : starting.then(stop, () => undefined));
    if (isMayflyError(error)) {
      throw error;
    }
    throw new MayflyError('MAYFLY_SERVICE_START_FAILED', {
      message: `Service "${service.name}" failed to start: ${reasonOf(error)}.`,
      remedy: 'Mend the cause; if it passes by itself, set retry.attempts.',
      service: service.name,
      phase: 'start',
      cause: error,
    });
  }
}

async function waitUntilHealthy(service: Service, value: unknown, { signal, shared }: StartOptions): Promise<void> {
  let lastFailure: unknown;
  const onFailure = (error: unknown): void => {
    lastFailure = error;
  };
  const deadline = {
    ms: service.timeouts.check,
    signal,
    expired: () =>
      new MayflyError('MAYFLY_SERVICE_NOT_READY', {
        message: `Service "${service.name}" was not ready within ${service.timeouts.check} ms: ${reasonOf(lastFailure ?? 'its check did not answer')}.`,
        remedy: 'Mend what the check complains of, or raise timeouts.check.',
        service: service.name,
        phase: 'check',
        cause: lastFailure,
      }),
  };
  await withDeadline(deadline, (bounded) =>
    pollUntilReady(() => service.check(value, { ...shared, signal: bounded }), { signal: bounded, onFailure }),
  );
}

/** Stops what started without becoming healthy, and says so in the error if that fails as well. */
async function withdraw(service: Service, value: unknown, error: unknown, options: StartOptions): Promise<unknown> {
  const { shared, timeline } = options;
  const step = await stopService(service, value, { ms: service.timeouts.stop, shared, timeline });
  if (step.error !== undefined && error instanceof MayflyError) {
    return error.suppressing([step.error]);
  }
  return error;
}
