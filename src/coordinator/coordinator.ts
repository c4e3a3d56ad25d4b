import { MayflyError, TeardownError } from '../errors/mayfly-error.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { settleAbandoned, type AbandonedStart } from './abandoned-start.ts';
import type { ServiceGraph } from './graph.ts';
import { checkHealth, type Health } from './health.ts';
import { resetServices } from './reset.ts';
import { runSchedule } from './schedule.ts';
import { startService } from './start-service.ts';
import { failuresOf, teardown, type TeardownReport } from './teardown.ts';
import type { Timeline } from './timeline.ts';

export interface CoordinatorOptions {
  readonly shared: SharedContext;
  readonly timeline: Timeline;
  /** How many services start or stop at the same time at the most. */
  readonly concurrency: number;
  /** For a whole teardown, in milliseconds. */
  readonly teardownTimeout: number;
}

/**
 * Gives services one common life: started after what they depend on, stopped before it, each once.
 * It knows nothing of what a service is.
 */
export class Coordinator implements AsyncDisposable {
  readonly #graph: ServiceGraph;
  readonly #options: CoordinatorOptions;
  readonly #starts = new Map<string, Promise<void>>();
  readonly #values = new Map<string, unknown>();
  readonly #abandoned: AbandonedStart[] = [];
  readonly #end = new AbortController();
  #stopping: Promise<TeardownReport> | undefined;

  constructor(graph: ServiceGraph, options: CoordinatorOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  /** Every service, in the order in which they start one at a time. */
  get services(): readonly Service[] {
    return this.#graph.order;
  }

  /** The values of the services that have started, by name. */
  get values(): ReadonlyMap<string, unknown> {
    return this.#values;
  }

  /**
   * Starts the named services and all that they depend on; without names, every service. What has started already,
   * or is starting, is not started again.
   *
   * When one fails everything is stopped again, in reverse, and the coordinator is at its end. What failed during that
   * roll-back stands in the error's `suppressed`.
   */
  async start(signal: AbortSignal, names?: readonly string[]): Promise<void> {
    this.#end.signal.throwIfAborted();
    const wanted = names === undefined ? undefined : this.#withDependencies(names);
    const order = this.services.map(({ name }) => name).filter((name) => wanted?.has(name) ?? true);
    const after = (name: string): readonly string[] => this.#graph.dependenciesOf.get(name) ?? [];
    const { concurrency } = this.#options;
    try {
      await runSchedule({ order, after, concurrency }, (name) => this.#startOnce(name, signal));
    } catch (error) {
      throw await this.#rollBack(error);
    }
  }

  /** Whether the services are healthy, and why not. */
  async health(signal: AbortSignal): Promise<Health> {
    const isStopped = this.#stopping !== undefined;
    return checkHealth(this.services, this.#values, { ...this.#options, signal, isStopped });
  }

  /**
   * Resets every started service, dependents first.
   *
   * @throws MayflyError `MAYFLY_SERVICE_RESET_FAILED`, or `MAYFLY_ENVIRONMENT_STOPPED` after {@link stop}.
   */
  async reset(signal: AbortSignal): Promise<void> {
    this.#end.signal.throwIfAborted();
    await resetServices(this.#graph, this.#values, { ...this.#options, signal });
  }

  /**
   * Stops everything in reverse and says what it did. Called again, also while it runs, it gives the same answer.
   *
   * @throws TeardownError when steps failed, after all of them were carried out.
   */
  stop(): Promise<TeardownReport> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #startOnce(name: string, signal: AbortSignal): Promise<void> {
    const starting = this.#starts.get(name) ?? this.#startOne(name, signal);
    this.#starts.set(name, starting);
    return starting;
  }

  async #startOne(name: string, signal: AbortSignal): Promise<void> {
    const service = this.services.find((candidate) => candidate.name === name) as Service;
    const dependencies = Object.fromEntries(
      Object.entries(service.dependsOn).map(([key, needed]) => [key, this.#values.get(needed.name)]),
    );
    const { shared, timeline } = this.#options;
    try {
      const bounded = AbortSignal.any([signal, this.#end.signal]);
      const options = {
        dependencies,
        signal: bounded,
        shared: { ...shared, log: shared.log.child({ service: name }) },
        timeline,
        abandon: (end: AbandonedStart['end']) => void this.#abandoned.push({ service, end }),
      };
      this.#values.set(name, await startService(service, options));
    } catch (error) {
      // What else is starting need not be waited for.
      this.#end.abort(error);
      throw error;
    }
  }

  async #rollBack(error: unknown): Promise<unknown> {
    try {
      await this.stop();
      return error;
    } catch (failure) {
      const suppressed = failure instanceof TeardownError ? failure.errors : [];
      return error instanceof MayflyError ? error.suppressing(suppressed) : error;
    }
  }

  async #stopAll(): Promise<TeardownReport> {
    this.#end.abort(environmentStopped());
    await Promise.allSettled(this.#starts.values());
    const report = await this.#tearDown();
    const failures = failuresOf(report);
    if (failures.length > 0) {
      throw new TeardownError(failures, report);
    }
    return report;
  }

  async #tearDown(): Promise<TeardownReport> {
    const begun = performance.now();
    const { teardownTimeout } = this.#options;
    // First of all: while they release what they acquired they may need what they depend on.
    const settled = await Promise.all(this.#abandoned.map((start) => settleAbandoned(start, teardownTimeout)));
    const { steps } = await teardown({
      ...this.#options,
      graph: this.#graph,
      values: this.#values,
      timeout: teardownTimeout - (performance.now() - begun),
    });
    const early = settled.filter((step) => step !== undefined);
    return { steps: [...early, ...steps], duration: performance.now() - begun };
  }

  #withDependencies(names: readonly string[]): Set<string> {
    const wanted = new Set<string>();
    const add = (name: string): void => {
      const needed = this.#graph.dependenciesOf.get(name) ?? rejectUnknown(name, this.services);
      wanted.add(name);
      needed.forEach(add);
    };
    names.forEach(add);
    return wanted;
  }
}

function environmentStopped(): MayflyError {
  return new MayflyError('MAYFLY_ENVIRONMENT_STOPPED', {
    message: 'The environment has been stopped.',
    remedy: 'Use it before its stop, or start another.',
    phase: 'run',
  });
}

function rejectUnknown(name: string, services: readonly Service[]): never {
  throw new MayflyError('MAYFLY_SERVICE_UNKNOWN', {
    message: `There is no service "${name}"; there are ${services.map((service) => service.name).join(', ')}.`,
    remedy: 'Name one of these.',
    service: name,
    phase: 'run',
  });
}
