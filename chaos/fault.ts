import type { ChaosRuntime } from './runtimes.ts';
import type { Trial } from './trial.ts';

/** Something that goes wrong, and what must come of it: that nothing is left, and what the user sees. */
export interface Fault {
  /** Names it on the command line, and in docs/chaos.md. */
  readonly id: string;
  /** What is done, in words. */
  readonly injected: string;
  readonly runtimes: readonly ChaosRuntime[];
  /** Whether this machine lets us do it, and says why where it does not; it does where this is left out. */
  readonly isPossible?: () => boolean;
  /** How often, where nothing else is said: in a whole run, and in a short one. */
  readonly rounds: { readonly whole: number; readonly short: number };
  /** What the user may see; anything else is a failure. */
  readonly sees: readonly string[];
  /** Names what lives, where it is disturbed at a random moment of its life: that is measured once for all such faults. */
  readonly lives?: string;
  /**
   * Makes something that runs and breaks it, calls `trial.end()` when that has ended, from which moment everything has to
   * go, and says what the user saw.
   */
  readonly inject: (trial: Trial) => Promise<string>;
}
