import { reasonOf } from '../errors/reason.ts';

/** One step of an environment's life. */
export interface Span {
  readonly service: string;
  readonly phase: 'start' | 'check' | 'health' | 'prepare' | 'lease' | 'release' | 'reset' | 'stop';
  /** Counted from 1; above 1 only where a start was tried again. */
  readonly attempt: number;
  /** Milliseconds since the timeline began. */
  readonly startedAt: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly outcome: 'ok' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
}

/** A step of an environment's life as it begins and as it ends. */
export type TimelineEvent =
  | { readonly type: 'begin'; readonly step: Step }
  | { readonly type: 'end'; readonly step: Step; readonly span: Span };

type Step = Pick<Span, 'service' | 'phase' | 'attempt'>;

/** How many spans are kept: the last ones. A run may take any number of leases. */
const most = 10_000;

/** Records what an environment did and how long each step took, in the order in which the steps ended. */
export class Timeline {
  readonly #origin = performance.now();
  readonly #spans: Span[] = [];
  readonly #observe: (event: TimelineEvent) => void;

  constructor(observe: (event: TimelineEvent) => void = () => {}) {
    this.#observe = observe;
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** Milliseconds since the timeline began. */
  get elapsed(): number {
    return performance.now() - this.#origin;
  }

  /** Runs `work` and records it as a span, whether it succeeds or throws. */
  async measure<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const startedAt = this.elapsed;
    const end = (outcome: Pick<Span, 'outcome' | 'reason'>): void => {
      const span = { ...step, startedAt, duration: this.elapsed - startedAt, ...outcome };
      this.#spans.push(span);
      // In larger steps: to move all that follows takes time.
      if (this.#spans.length > most * 1.1) {
        this.#spans.splice(0, this.#spans.length - most);
      }
      this.#observe({ type: 'end', step, span });
    };
    this.#observe({ type: 'begin', step });
    try {
      const result = await work();
      end({ outcome: 'ok' });
      return result;
    } catch (error) {
      end({ outcome: 'failed', reason: reasonOf(error) });
      throw error;
    }
  }
}
