import { later, type Clock } from './clock.ts';

/** A clock that goes when a test says so. */
export class ManualClock {
  #time: Date;

  constructor(time = '2027-05-01T00:00:00Z') {
    this.#time = new Date(time);
  }

  readonly now: Clock = () => this.#time;

  advance({ seconds }: { readonly seconds: number }): void {
    this.#time = later(this.#time, seconds * 1_000);
  }

  set(time: Date | string): void {
    this.#time = new Date(time);
  }
}
