/** Something that can be timed again and again; gives milliseconds. */
export type Measure = () => Promise<number>;

/** What several samples of one thing say, in milliseconds. */
export interface Summary {
  readonly median: number;
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
 * round, which fills caches, is not counted.
 */
export async function measureInTurn(contestants: readonly Timed[], rounds: number): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    for (const { measure, samples } of contestants) {
      const sample = await measure();
      if (round > 0) {
        samples.push(sample);
      }
    }
  }
}

/** The median and the extremes. */
export function summarise(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { median: tenths(median), min: tenths(at(0)), max: tenths(at(sorted.length - 1)) };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
