import { withDeadline, type Deadline } from '../../service/deadline.ts';
import { pause } from '../../service/pause.ts';
import { boundTo } from './bound-requests.ts';
import { dockerLost, inOurWords } from './docker-failure.ts';
import { removalTimeout } from './remove-containers.ts';

/** How long is waited before the containers of a start that was given up are removed once more, in milliseconds. */
const removalInterval = 100;

/** A start of Testcontainers, which does not know our signal. */
export interface AbortableStart<T> {
  /** In words that complete "it was to …". */
  readonly what: string;
  readonly start: () => Promise<T>;
  readonly signal: AbortSignal;
  /** Removes what the start has made so far; without a signal nothing but its own deadline ends it. */
  readonly remove: (signal?: AbortSignal) => Promise<void>;
  /** What becomes of a start that failed: nothing is left of it, or something may be, and why. */
  readonly onFailure: (left: Error | undefined) => void;
}

/**
 * Runs a start that can be given up: its containers are then removed until it ends, as Testcontainers' starts do when
 * their container is no longer there. Where the daemon does not let it end in time its requests are cut.
 *
 * @throws the signal's own reason; MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED` for what comes from
 * the daemon; else whatever the start throws.
 */
export async function startOrRemove<T>({ what, start, signal, remove, onFailure }: AbortableStart<T>): Promise<T> {
  const requests = new AbortController();
  const settled = new AbortController();
  let left: Error | undefined;
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  const deadline: Deadline = {
    ms: removalTimeout,
    signal: settled.signal,
    expired: () => dockerLost(`give up to ${what}`, `has not within ${removalTimeout} ms`),
  };
  const giveUp = async (): Promise<void> => {
    try {
      await withDeadline(deadline, (bounded) => removeAgainAndAgain(remove, bounded));
    } catch (error) {
      if (!settled.signal.aborted) {
        left = error as Error;
        lose(error);
        requests.abort(error);
      }
    }
  };
  const onAbort = (): void => void giveUp();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const started = await Promise.race([boundTo(requests.signal, start), lost]);
    signal.throwIfAborted();
    return started;
  } catch (error) {
    settled.abort();
    // Testcontainers removes a container that does not become ready, but not one that could not be started.
    left ??= await failureOf(remove());
    onFailure(left);
    throw signal.aborted && left === undefined ? signal.reason : inOurWords(what, error);
  } finally {
    settled.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

async function removeAgainAndAgain(
  remove: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await remove(signal);
    await pause(removalInterval, signal);
  }
}

async function failureOf(removal: Promise<void>): Promise<Error | undefined> {
  try {
    await removal;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
