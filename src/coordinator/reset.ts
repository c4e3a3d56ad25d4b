import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { withDeadline } from '../service/deadline.ts';
import type { Service, SharedContext } from '../service/service.ts';
import type { ServiceGraph } from './graph.ts';
import type { Timeline } from './timeline.ts';

/**
 * Resets every started service, one after the other, dependents first. All are reset even if one fails.
 *
 * @throws MayflyError `MAYFLY_SERVICE_RESET_FAILED` for the first that failed, the others in its `suppressed`.
 */
export async function resetServices(
  graph: ServiceGraph,
  values: ReadonlyMap<string, unknown>,
  {
    signal,
    shared,
    timeline,
  }: { readonly signal: AbortSignal; readonly shared: SharedContext; readonly timeline: Timeline },
): Promise<void> {
  const failures: MayflyError[] = [];
  const started = graph.order.filter(({ name }) => values.has(name));
  for (const service of started.toReversed()) {
    const ms = service.timeouts.reset;
    const deadline = { ms, signal, expired: () => failed(service, `it took longer than ${ms} ms`) };
    try {
      await timeline.measure({ service: service.name, phase: 'reset', attempt: 1 }, () =>
        withDeadline(deadline, (bounded) => service.reset(values.get(service.name), { ...shared, signal: bounded })),
      );
    } catch (error) {
      failures.push(error instanceof MayflyError ? error : failed(service, error));
    }
  }
  const [first, ...others] = failures;
  if (first !== undefined) {
    throw first.suppressing(others);
  }
}

function failed({ name }: Service, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_RESET_FAILED', {
    message: `Service "${name}" could not be reset: ${reasonOf(cause)}.`,
    remedy: 'Mend its reset, or stop and start the environment.',
    service: name,
    phase: 'reset',
    cause,
  });
}
