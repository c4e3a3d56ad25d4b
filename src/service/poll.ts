import { pause } from './pause.ts';

/** How long is waited between two questions, in milliseconds. */
const interval = 5;

/**
 * Asks again and again until `question` no longer throws. Ends with the signal's reason when that is aborted: the
 * deadline is the caller's.
 *
 * `onFailure` sees each failure, for a message that says why the wait was in vain; it may throw to end the wait.
 */
export async function pollUntilReady<T>(
  question: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly onFailure?: (error: unknown) => void },
): Promise<T> {
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await question();
    } catch (error) {
      options.onFailure?.(error);
    }
    await pause(interval, options.signal);
  }
}

/**
 * Asks again and again until `question` gives something other than `undefined`. What it throws ends the wait, and so does
 * the signal, with its own reason.
 */
export async function pollUntilFound<T>(question: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const found = await question();
    if (found !== undefined) {
      return found;
    }
    await pause(interval, signal);
  }
}
