/** Something that can be timed again and again; gives milliseconds. */
export type Measure = () => Promise<number>;

/** What several samples of one thing say, in milliseconds. */
export interface Summary {
  readonly median: number;
  /** 95 of 100 samples took no longer. */
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/** Something that is timed, and its samples so far, in milliseconds. */
export interface Timed {
  readonly measure: Measure;
  readonly samples: number[];
}

/**
 * Times several things in turn (A B C A B C …), so that whatever else the machine does meets all of them alike. A first
 * round, which fills caches, is not counted. A round is one turn, or several of what is over in a moment.
 */
export async function measureInTurn(contestants: readonly Timed[], rounds: number, times = 1): Promise<void> {
  for (let turn = 0; turn < (rounds + 1) * times; turn += 1) {
    for (const { measure, samples } of contestants) {
      const sample = await measure();
      if (turn >= times) {
        samples.push(sample);
      }
    }
  }
}

/** The time that this takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** The median, the extremes, and what lies between. */
export function summarise(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  const p95 = at(Math.ceil(sorted.length * 0.95) - 1);
  return { median: rounded(median), p95: rounded(p95), min: rounded(at(0)), max: rounded(at(sorted.length - 1)) };
}

/** To a hundredth of a millisecond. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
