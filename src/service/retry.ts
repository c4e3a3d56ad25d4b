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
  const longest = Math.min(maxDelay, delay * 2 ** (attempt - 1));
  return longest * (1 - random() / 2);
}
