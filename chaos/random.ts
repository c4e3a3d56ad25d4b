import { createHash } from 'node:crypto';

/** Gives numbers from 0 up to 1, the same ones in every run. */
export type Random = () => number;

/**
 * Numbers that follow from a text alone, by which a round can be had again. Each round has its own, so that which others
 * are run, and in which order, does not matter.
 */
export function randomFrom(text: string): Random {
  let count = 0;
  return () => {
    count += 1;
    return createHash('sha256').update(`${text} ${count}`).digest().readUInt32BE() / 2 ** 32;
  };
}
