/** Bounds for a piece of work: a deadline in milliseconds, a signal of whoever asked for it, and what to do when late. */
export interface Deadline<T> {
  readonly ms: number;
  readonly signal: AbortSignal;
  /** Makes the error with which the wait ends when the deadline passes first. */
  readonly expired: () => Error;
  /** Receives the result of work that finished after the wait for it had ended, so that it can be released. */
  readonly late?: (result: T) => void;
}

/**
 * Runs `work` until it settles, the deadline passes or the signal is aborted, whichever is first, and leaves neither
 * timer nor listener behind. The signal given to `work` is aborted in the last two cases.
 */
export async function withDeadline<T>(deadline: Deadline<T>, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  deadline.signal.throwIfAborted();
  const controller = new AbortController();
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const end = (reason: unknown): void => {
    giveUp(reason);
    controller.abort(reason);
  };
  // A timer of our own: that of AbortSignal.timeout() does not keep the process alive while it is waited for.
  const timer = setTimeout(() => end(deadline.expired()), deadline.ms);
  const onAbort = (): void => end(deadline.signal.reason);
  deadline.signal.addEventListener('abort', onAbort, { once: true });

  const working = (async () => work(controller.signal))();
  try {
    return await Promise.race([working, givenUp]);
  } catch (error) {
    // The caller has its error now; what comes later can only be released.
    working.then(deadline.late, () => {});
    throw error;
  } finally {
    clearTimeout(timer);
    deadline.signal.removeEventListener('abort', onAbort);
  }
}
