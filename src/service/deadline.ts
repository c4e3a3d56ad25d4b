/** Bounds for a piece of work: a deadline in milliseconds, and the signal of whoever asked for it. */
export interface Deadline {
  readonly ms: number;
  readonly signal: AbortSignal;
  /** Makes the error with which the wait ends when the deadline passes first. */
  readonly expired: () => Error;
}

/**
 * Runs `work` until it settles, the deadline passes or the signal is aborted, whichever is first, and leaves neither
 * timer nor listener behind. The signal given to `work` is aborted in the last two cases; what the work still brings
 * forth then is its own to release.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
    // The caller has its error now, and nobody else would hear of a later one.
    working.catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
    deadline.signal.removeEventListener('abort', onAbort);
  }
}
