import type { Arena } from './arena.ts';
import type { Fault } from './fault.ts';
import { runRound, type Round } from './run-round.ts';
import type { ChaosRuntime } from './runtimes.ts';

/** How often a fault is tried. */
export interface Extent {
  readonly seed: string;
  readonly rounds: number;
  /** How many rounds are run at the same time. */
  readonly atOnce: number;
  /** Has no further round begin. */
  readonly signal?: AbortSignal;
}

/** Tries a fault on one runtime, again and again. */
export async function runFault(
  arena: Arena,
  fault: Fault,
  runtime: ChaosRuntime,
  { seed, rounds, atOnce, signal }: Extent,
): Promise<Round[]> {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1).values();
  const done: Round[] = [];
  const work = async (): Promise<void> => {
    for (const number of numbers) {
      signal?.throwIfAborted();
      done.push(await runRound(arena, fault, runtime, { seed, number }));
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, work));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  return done.sort((one, other) => one.number - other.number);
}
