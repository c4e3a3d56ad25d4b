/** What is waited for at the most where a test has all the time in the world, in milliseconds. */
const longest = 20_000;

/**
 * Most of the time that a test has, in milliseconds: whoever waits is to hear who holds what, rather than that the test
 * took too long. vitest means no limit by 0.
 */
export function withinTest(testTimeout: number): number {
  return testTimeout > 0 ? Math.min(longest, Math.ceil(testTimeout * 0.8)) : longest;
}
