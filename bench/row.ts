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
}

/** What Mayfly is measured against. */
export interface Peer {
  readonly name: string;
  readonly measure: Measure;
  /** How much of the peer's time Mayfly is to take at the most; there may be none. */
  readonly target?: number;
}
