/** Lets one through at a time, in the order in which they came. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();
  #inside = 0;

  /** Whether nobody is inside or waiting. */
  get isFree(): boolean {
    return this.#inside === 0;
  }

  /** Runs `work` after that of everybody who came before, unless `signal` is aborted until then. */
  async pass<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.#inside += 1;
    const before = this.#last;
    const own = (async () => {
      await before;
      signal.throwIfAborted();
      return work();
    })();
    this.#last = own.catch(() => {});
    try {
      return await own;
    } finally {
      this.#inside -= 1;
    }
  }
}
