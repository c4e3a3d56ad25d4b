import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from './home.ts';
import type { Random } from './random.ts';
import type { ChaosRuntime } from './runtimes.ts';

/** One round of one fault. */
export class Trial {
  readonly runtime: ChaosRuntime;
  readonly random: Random;
  readonly home: Home;
  /** For whatever is run. */
  readonly variables: Readonly<Record<string, string>>;
  readonly isShort: boolean;
  /** What the fault met, for the output. */
  phase = '';
  /** How long it lives that is disturbed, in milliseconds; not known while that is measured. */
  readonly #life: number | undefined;
  #lived = Number.NaN;
  #endedAt: number | undefined;

  constructor(
    options: Pick<Trial, 'runtime' | 'random' | 'home' | 'variables' | 'isShort'> & {
      readonly life?: number | undefined;
    },
  ) {
    this.runtime = options.runtime;
    this.random = options.random;
    this.home = options.home;
    this.variables = options.variables;
    this.isShort = options.isShort;
    this.#life = options.life;
  }

  /** Whether nothing is to happen to it: its life is measured. */
  get isUndisturbed(): boolean {
    return this.#life === undefined;
  }

  /** How long it lived that was not disturbed, in milliseconds. */
  get lived(): number {
    return this.#lived;
  }

  /** When everything began to have to go. */
  get endedAt(): number {
    if (this.#endedAt === undefined) {
      throw new Error('Nothing has ended.');
    }
    return this.#endedAt;
  }

  /** Whoever ran has ended: from now on everything has to go. Only the first time counts. */
  end(): void {
    this.#endedAt ??= performance.now();
  }

  /** Waits for a random moment of a life that begins now, or for its end if that is sooner or the life is not known yet. */
  async randomMoment({ end }: { readonly end: Promise<unknown> }): Promise<void> {
    const begun = performance.now();
    if (this.#life === undefined) {
      await end;
    } else {
      const over = new AbortController();
      const moment = pause(this.random() * this.#life, undefined, { signal: over.signal }).catch(() => {});
      await Promise.race([moment, end]);
      over.abort();
    }
    this.#lived = performance.now() - begun;
    this.home.look();
  }
}
