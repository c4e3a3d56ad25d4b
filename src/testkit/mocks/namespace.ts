import type { RequestHandler } from 'msw';
import { vi, type Mock } from 'vitest';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { answer } from './answer.ts';
import { isLoopback } from './loopback.ts';
import type { Mocks } from './mocks.ts';
import type { Verdict } from './network.ts';
import { checkHandlers, type ResolvedOptions } from './options.ts';
import { isMeant, readRequest, type RecordedRequest } from './recorded-request.ts';
import { nameOf, unhandled, type Call } from './refusals.ts';
import type { Holder } from './spies.ts';
import type { Sweep } from './watched-vi.ts';

/** Who keeps the namespaces. */
export interface Keeper {
  /** Does on a test's behalf what counts as done by it. */
  within<Value>(namespace: Namespace, work: () => Value): Value;
  /** Hears what went wrong for a test that has ended. */
  late(error: Error): void;
}

/** All that is one test's, or one attempt's at it: its handlers, requests and spies, and what went wrong with them. */
export class Namespace implements Holder {
  readonly name: string;
  readonly mocks: Mocks;
  readonly #unhandled: ResolvedOptions['unhandled'];
  readonly #keeper: Keeper;
  readonly #arrivals: { recorded?: RecordedRequest }[] = [];
  readonly #refused: Call[] = [];
  readonly #problems: Error[] = [];
  readonly #mocked: { readonly mock: Mock; readonly end: () => void }[] = [];
  #handlers: readonly RequestHandler[];
  #hasEnded = false;

  constructor(name: string, { makeHandlers, unhandled: policy }: ResolvedOptions, keeper: Keeper) {
    this.name = name;
    this.#unhandled = policy;
    this.#keeper = keeper;
    this.#handlers = makeHandlers();
    this.mocks = {
      use: (...handlers) => this.#use(handlers),
      requests: (filter = {}) =>
        this.#arrivals.flatMap(({ recorded }) => recorded ?? []).filter((request) => isMeant(request, filter)),
      fn: ((...parameters: Parameters<typeof vi.fn>) => this.#fn(...parameters)) as typeof vi.fn,
      // Which vi.spyOn knows to be this test's.
      spyOn: ((...parameters: never[]) =>
        keeper.within(this, () => Reflect.apply(vi.spyOn, vi, parameters) as unknown)) as unknown as typeof vi.spyOn,
    };
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  hold(mock: Mock, end: () => void): void {
    this.#mocked.push({ mock, end });
  }

  /** Does this to each of the test's mocks. */
  sweep(way: Sweep): void {
    this.#mocked.forEach(({ mock }) => mock[way]());
  }

  /** Fails with MAYFLY_MOCK_OUTSIDE_TEST when the test has ended. */
  mustRun(what: string): void {
    if (this.#hasEnded) {
      throw new MayflyError('MAYFLY_MOCK_OUTSIDE_TEST', {
        message: `"${this.name}" came to ${what} after it had ended.`,
        remedy: 'Await in the test all that it begins.',
        phase: 'run',
      });
    }
  }

  async decide(request: Request): Promise<Verdict> {
    const arrival: { recorded?: RecordedRequest } = {};
    this.#arrivals.push(arrival);
    const isLocal = isLoopback(request.url);
    const copy = request.clone();
    if (!isLocal) {
      arrival.recorded = await readRequest(copy);
    }
    const answered = await answer(this.#handlers, request).catch((error: unknown) => {
      this.fail(error as Error);
      throw error;
    });
    if (answered === undefined) {
      return isLocal ? 'pass' : this.#decideUnanswered(request);
    }
    if (answered !== 'pass') {
      arrival.recorded ??= await readRequest(copy);
    }
    return answered;
  }

  /** Adds what went wrong for the test. */
  fail(error: Error): void {
    if (this.#hasEnded) {
      this.#keeper.late(error);
    } else {
      this.#problems.push(error);
    }
  }

  /** What went wrong while the test was running. */
  get problems(): readonly Error[] {
    const [first, ...others] = this.#refused;
    return first === undefined ? this.#problems : [...this.#problems, unhandled(this.name, [first, ...others])];
  }

  /** Takes away all that the test mocked. */
  end(): void {
    this.#hasEnded = true;
    this.#mocked.splice(0).forEach(({ end }) => end());
  }

  #decideUnanswered({ method, url }: Call): Verdict {
    if (this.#unhandled === 'error') {
      const refusal = unhandled(this.name, [{ method, url }]);
      if (this.#hasEnded) {
        this.#keeper.late(refusal);
      } else {
        this.#refused.push({ method, url });
      }
      return { refusal };
    }
    if (this.#unhandled === 'warn') {
      // oxlint-disable-next-line no-console
      console.warn(`mayfly    ${nameOf({ method, url })} of "${this.name}" was let pass: no mock answered`);
    }
    return 'pass';
  }

  #use(handlers: readonly RequestHandler[]): void {
    this.mustRun('mocks.use()');
    this.#handlers = [...checkHandlers(handlers, 'mocks.use()'), ...this.#handlers];
  }

  #fn(...parameters: Parameters<typeof vi.fn>): Mock {
    const mock = Reflect.apply(vi.fn, vi, parameters) as Mock;
    this.hold(mock, () => mock.mockReset());
    return mock;
  }
}
