export interface Backoff {
  /** Before the second attempt, in milliseconds, and twice as much before each further one. */
  readonly base: number;
  readonly max: number;
  /** From 0 up to 1, as Math.random gives: tests say which. */
  readonly random: () => number;
}

/**
 * How long to wait after so many failed attempts. Half of it is left to chance, so that those who failed together do not
 * come back together.
 */
export function delayAfter(attempts: number, { base, max, random }: Backoff): number {
  const whole = Math.min(max, base * 2 ** (attempts - 1));
  return Math.round(whole / 2 + (whole / 2) * random());
}
