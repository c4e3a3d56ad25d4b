import { reasonOf } from '../../errors/reason.ts';

/** How often something had to be tried: plain data, for a report or an assertion. */
export interface RetryRecord {
  /** What was tried. */
  readonly name: string;
  /** How many attempts were begun, the first included. */
  readonly attempts: number;
  /** How long was waited between attempts in all, in milliseconds. */
  readonly waited: number;
  readonly outcome: 'succeeded' | 'failed' | 'aborted';
  /** Why each attempt that failed did, in order. */
  readonly failures: readonly string[];
}

/** Counts attempts as they are made. */
export class AttemptsMade {
  readonly name: string;
  readonly #failures: unknown[] = [];
  #begun = 0;
  #waited = 0;
  #failedAt: number | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get lastFailure(): unknown {
    return this.#failures.at(-1);
  }

  async make<T>(work: () => Promise<T>): Promise<T> {
    this.#endWait();
    this.#begun += 1;
    try {
      return await work();
    } catch (error) {
      this.#failures.push(error);
      this.#failedAt = performance.now();
      throw error;
    }
  }

  record(outcome: RetryRecord['outcome']): RetryRecord {
    this.#endWait();
    const failures = this.#failures.map(reasonOf);
    return { name: this.name, attempts: this.#begun, waited: Math.round(this.#waited), outcome, failures };
  }

  #endWait(): void {
    this.#waited += this.#failedAt === undefined ? 0 : performance.now() - this.#failedAt;
    this.#failedAt = undefined;
  }
}
