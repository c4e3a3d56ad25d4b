import type { MayflyError } from '../errors/mayfly-error.ts';
import type { SharedContext } from '../service/service.ts';
import type { ServiceGraph } from './graph.ts';
import { runSchedule } from './schedule.ts';
import { stopService, type StopStep } from './stop-service.ts';
import type { Timeline } from './timeline.ts';

/** What a teardown did, step by step in the order in which the steps ended. */
export interface TeardownReport {
  readonly steps: readonly StopStep[];
  /** Of the whole, in milliseconds. */
  readonly duration: number;
}

/** What a teardown works on and how long it may take. */
export interface TeardownOptions {
  readonly graph: ServiceGraph;
  /** The values of the services that had started, by name. */
  readonly values: ReadonlyMap<string, unknown>;
  /** For the whole, in milliseconds; a step has its service's own deadline or what is left of this. */
  readonly timeout: number;
  readonly concurrency: number;
  readonly shared: SharedContext;
  readonly timeline: Timeline;
}

/** Stops every started service after all that depend on it. Every step is carried out, whatever becomes of the others. */
export async function teardown({
  graph,
  values,
  timeout,
  concurrency,
  shared,
  timeline,
}: TeardownOptions): Promise<TeardownReport> {
  const begun = performance.now();
  const steps: StopStep[] = [];
  const started = graph.order.filter(({ name }) => values.has(name));
  const byName = new Map(started.map((service) => [service.name, service]));

  const order = [...byName.keys()].reverse();
  const after = (name: string): readonly string[] => graph.dependentsOf.get(name) ?? [];
  await runSchedule({ order, after, concurrency }, async (name) => {
    const service = byName.get(name);
    if (service !== undefined) {
      // Even when the time is used up each step gets a moment, so that what can be released at once is.
      const left = Math.max(timeout - (performance.now() - begun), 100);
      const ms = Math.min(service.timeouts.stop, left);
      steps.push(await stopService(service, values.get(name), { ms, shared, timeline }));
    }
  });
  return { steps, duration: performance.now() - begun };
}

/** The errors of the steps that failed. */
export function failuresOf(report: TeardownReport): readonly MayflyError[] {
  return report.steps.flatMap(({ error }) => error ?? []);
}
