import type { Measure } from './measure.ts';
import type { Workbench } from './workbench.ts';

/** One line of the table, or several where Mayfly has several peers. */
export interface Row {
  /** Names it on the command line. */
  readonly id: string;
  /** What is done. */
  readonly work: string;
  /** Makes ready what is to be timed, or says why that is not possible here. */
  readonly prepare: (bench: Workbench) => Promise<Contest | string>;
}

/** What is timed, in turn. */
export interface Contest {
  readonly mayfly: Measure;
  readonly peers: readonly Peer[];
  /** How many times in each round; once where it is left out. */
  readonly times?: number;
}

/** What Mayfly is measured against. */
export interface Peer {
  readonly name: string;
  readonly measure: Measure;
  /** How much of the peer's time Mayfly is to take at the most, of the medians; there may be none. */
  readonly target?: number;
  /** The same of the 95th percentiles, which get a line of their own then. */
  readonly target95?: number;
}

/** What must hold, whatever it takes. */
export interface Check {
  /** Names it on the command line. */
  readonly id: string;
  /** What is tried. */
  readonly claim: string;
  /** Tries it once, and says what was seen. Throws where the claim does not hold. */
  readonly see: (bench: Workbench) => Promise<string>;
}
