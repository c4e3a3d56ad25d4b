/** Lets one piece of work wait at a time, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #queue = 0;

  /** Whether nobody has a turn or waits for one. */
  get areFree(): boolean {
    return this.#queue === 0;
  }

  /** Does the work when all that came before is done; not at all if the signal was aborted by then. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    this.#last = done;
    this.#queue += 1;
    try {
      await before;
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#queue -= 1;
      finish();
    }
  }
}
