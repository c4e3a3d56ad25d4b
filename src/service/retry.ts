import { pause } from './pause.ts';
import type { RetryOptions } from './service.ts';

/** How the wait grows from one attempt to the next. */
export interface Backoff {
  /** Before the second attempt, in milliseconds. */
  readonly delay: number;
  /** The longest wait, in milliseconds. */
  readonly maxDelay: number;
  /** By how much it is multiplied before each further attempt: 2 where it is left out. */
  readonly factor?: number;
}

/** What decides whether there is another attempt. */
export interface Attempts extends RetryOptions, Backoff {
  /** Says of a failure whether it may pass; each may where this is left out. */
  readonly retryIf?: (error: unknown) => boolean;
}

/**
 * Tries `attempt` until it succeeds, its attempts are used up or its failure is not one that passes, and then throws the
 * last error. Waits between attempts with exponential backoff and jitter.
 */
export async function retry<T>(
  options: Attempts,
  signal: AbortSignal,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      if (options.retryIf?.(error) === false || number >= options.attempts || signal.aborted) {
        throw error;
      }
    }
    await pause(backoff(options, number), signal);
  }
}

/** How long to wait after the given attempt, in milliseconds: between half and all of the exponential delay. */
export function backoff(
  { delay, maxDelay, factor = 2 }: Backoff,
  attempt: number,
  random: () => number = Math.random,
): number {
  // Not infinite, however many attempts there are: nothing times infinity is not a number.
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_SAFE_INTEGER);
  const longest = Math.min(maxDelay, delay * growth);
  return longest * (1 - random() / 2);
}
