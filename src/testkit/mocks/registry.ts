import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { vi, type Mock } from 'vitest';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { answer, takeBypass } from './answer.ts';
import { isLoopback } from './loopback.ts';
import { Namespace, type Keeper } from './namespace.ts';
import { interceptRequests, type Judge, type Verdict } from './network.ts';
import type { ResolvedOptions } from './options.ts';
import { late, outside, type Call } from './refusals.ts';
import { Spies, taken, type SpiedOn } from './spies.ts';
import { watchVi, type Sweep, type Watch } from './watched-vi.ts';

/** A test as vitest knows it. */
export interface TestTask {
  readonly id: string;
  readonly fullTestName: string;
}

/**
 * Keeps the namespaces of the tests of a worker, and tells whose a request is: that of the test in whose async context it
 * is made. What is in that of none, as an application that was started in `beforeAll`, requests for the one test that is
 * running.
 */
export class MockRegistry implements Judge, Keeper, Watch {
  readonly #options: ResolvedOptions;
  readonly #context = new AsyncLocalStorage<Namespace>();
  readonly #running = new Map<string, Namespace>();
  readonly #spies = new Spies();
  readonly #problems: Error[] = [];
  #faking: Namespace | undefined;
  #suites = 0;
  #closing: readonly (() => void)[] = [];

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** Runs the tests of a file, or of a part of it. Fails with what went wrong for tests that had ended. */
  async aroundSuite(runSuite: () => Promise<void>): Promise<void> {
    if (this.#suites === 0) {
      this.#closing = [watchVi(this), interceptRequests(this)];
    }
    this.#suites += 1;
    try {
      await runSuite();
    } finally {
      this.#suites -= 1;
      await this.#closeAfterLast();
    }
    if (this.#suites === 0) {
      throwAll(this.#problems.splice(0));
    }
  }

  /** Runs a test in a namespace of its own. Fails with what went wrong in it. */
  async aroundTest({ id, fullTestName }: TestTask, runTest: () => Promise<void>): Promise<void> {
    const namespace = new Namespace(fullTestName, this.#options, this);
    this.#running.set(id, namespace);
    try {
      await this.#context.run(namespace, runTest);
    } finally {
      this.#stopFaking(namespace);
      await onItsWay();
      this.#running.delete(id);
      namespace.end();
    }
    throwAll(namespace.problems);
  }

  /** Fails with MAYFLY_MOCK_OUTSIDE_TEST where it is none of the tests that run. */
  namespaceOf({ id, fullTestName }: TestTask): Namespace {
    const namespace = this.#running.get(id);
    if (namespace === undefined) {
      throw new MayflyError('MAYFLY_MOCK_OUTSIDE_TEST', {
        message: `"${fullTestName}" asks for mocks, and is not a test of withMocks() in its own file.`,
        remedy: 'Use the `test` that withMocks() gives by its own name: what it is made of does not know each file.',
        phase: 'run',
      });
    }
    return namespace;
  }

  within<Value>(namespace: Namespace, work: () => Value): Value {
    return this.#context.run(namespace, work);
  }

  late(error: Error): void {
    // Who asks again and again is told once.
    if (!this.#problems.some(({ message }) => message === error.message)) {
      this.#problems.push(error);
    }
  }

  async decide(request: Request): Promise<Verdict> {
    const owner = this.#owner();
    if (takeBypass(request)) {
      return 'pass';
    }
    if (owner?.hasEnded === false) {
      return owner.decide(request);
    }
    const answered = owner === undefined ? await answer(this.#options.makeHandlers(), request) : undefined;
    return answered ?? this.#decideWithout(owner, request);
  }

  spying(on: SpiedOn, spy: () => Mock): Mock {
    const namespace = this.#context.getStore();
    namespace?.mustRun(`spy on ${String(on.property)}`);
    return namespace === undefined ? spy() : this.#spies.take(namespace, on, spy);
  }

  faking(): void {
    const namespace = this.#context.getStore();
    namespace?.mustRun('fake timers');
    if (this.#faking !== undefined && this.#faking !== namespace && isFaked()) {
      throw taken('the timers', this.#faking);
    }
    this.#faking = namespace;
  }

  sweeping(way: Sweep, all: () => unknown): void {
    const namespace = this.#context.getStore();
    if (namespace === undefined || this.#running.size === 1) {
      all();
    } else {
      // Those of the others are in use.
      namespace.sweep(way);
    }
  }

  async #closeAfterLast(): Promise<void> {
    if (this.#suites === 0) {
      await onItsWay();
      this.#closing.forEach((close) => close());
    }
  }

  /** Whose what happens now is. */
  #owner(): Namespace | undefined {
    const [only, ...others] = this.#running.values();
    return this.#context.getStore() ?? (others.length === 0 ? only : undefined);
  }

  /** What becomes of what is no running test's. */
  #decideWithout(ended: Namespace | undefined, { method, url }: Call): Verdict {
    if (isLoopback(url) || (ended === undefined && this.#options.unhandled === 'bypass')) {
      return 'pass';
    }
    const running = [...this.#running.values()].map(({ name }) => name);
    const refusal = ended === undefined ? outside({ method, url }, running) : late(ended.name, { method, url });
    this.late(refusal);
    return { refusal };
  }

  #stopFaking(namespace: Namespace): void {
    if (this.#faking !== namespace) {
      return;
    }
    this.#faking = undefined;
    if (isFaked()) {
      vi.useRealTimers();
      namespace.fail(
        new MayflyError('MAYFLY_MOCK_LEFT', {
          message: `"${namespace.name}" left the timers or the time faked. They are real again.`,
          remedy: 'Call vi.useRealTimers() at its end, or in afterEach.',
          phase: 'run',
        }),
      );
    }
  }
}

function isFaked(): boolean {
  return vi.isFakeTimers() || vi.getMockedSystemTime() !== null;
}

/** A request that was begun is seen one turn of the event loop later. */
async function onItsWay(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

function throwAll(errors: readonly Error[]): void {
  const [first, ...others] = errors;
  if (first !== undefined) {
    throw others.length === 0 ? first : new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  }
}
