import { pause } from './pause.ts';
import type { RetryOptions } from './service.ts';

/**
 * Tries `attempt` until it succeeds or its attempts are used up, and then throws the last error.
 * Waits between attempts with exponential backoff and jitter.
 */
export async function retry<T>(
  options: RetryOptions,
  signal: AbortSignal,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      if (number >= options.attempts || signal.aborted) {
        throw error;
      }
    }
    await pause(backoff(options, number), signal);
  }
}

/** How long to wait after the given attempt, in milliseconds: between half and all of the exponential delay. */
export function backoff(
  { delay, maxDelay }: RetryOptions,
  attempt: number,
  random: () => number = Math.random,
): number {
  // Not infinite, however many attempts there are: nothing times infinity is not a number.
  const factor = Math.min(2 ** (attempt - 1), Number.MAX_SAFE_INTEGER);
  const longest = Math.min(maxDelay, delay * factor);
  return longest * (1 - random() / 2);
}
