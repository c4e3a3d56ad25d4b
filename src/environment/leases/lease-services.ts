import { Coordinator } from '../../coordinator/coordinator.ts';
import { buildGraph } from '../../coordinator/graph.ts';
import type { Timeline } from '../../coordinator/timeline.ts';
import { isMayflyError, MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { defineService } from '../../service/define-service.ts';
import type { Service, SharedContext } from '../../service/service.ts';

/** What the services of a lease need from the environment. */
export interface LeaseServicesOptions {
  /** The services of leases. */
  readonly services: readonly Service[];
  readonly shared: SharedContext;
  readonly timeline: Timeline;
  readonly concurrency: number;
  /** In milliseconds. */
  readonly teardownTimeout: number;
}

/** What a lease's services find in place of a service of the run, started when first needed. */
export interface Provided {
  readonly start: () => Promise<unknown>;
  readonly stop?: () => Promise<unknown>;
}

/** A coordinator for the services of one lease, on top of what is provided by name. */
export function leaseCoordinator(
  { services, ...options }: LeaseServicesOptions,
  provided: Readonly<Record<string, Provided>>,
): Coordinator {
  const stand = Object.entries(provided).map(([name, { start, stop }]) =>
    defineService({ name, start: () => start(), stop: async () => stop?.() }),
  );
  return new Coordinator(buildGraph([...stand, ...services]), options);
}

/** Those that have something to prepare, and those that they depend on. `services` is in the order of their starts. */
export function servicesToPrepare(services: readonly Service[]): readonly Service[] {
  const needed = new Set<string>();
  for (const { name, preparation, dependsOn } of services.toReversed()) {
    if (preparation !== undefined || needed.has(name)) {
      needed.add(name);
      Object.values(dependsOn).forEach((service) => needed.add(service.name));
    }
  }
  return services.filter(({ name }) => needed.has(name));
}

/**
 * Has every service put into the template what is its own, each after those that it depends on, which are started for
 * it, checked, and at the end stopped in reverse.
 *
 * @throws MayflyError `MAYFLY_SERVICE_PREPARE_FAILED`, or why a service that is depended on did not start.
 */
export async function prepareServices(
  coordinator: Coordinator,
  { shared, timeline }: Pick<LeaseServicesOptions, 'shared' | 'timeline'>,
  signal: AbortSignal,
): Promise<void> {
  await using _ = coordinator;
  for (const service of coordinator.services) {
    if (service.preparation !== undefined) {
      const needed = Object.values(service.dependsOn).map(({ name }) => name);
      await coordinator.start(signal, needed);
      await timeline.measure({ service: service.name, phase: 'prepare', attempt: 1 }, () =>
        prepare(service, coordinator.values, { shared, signal }),
      );
    }
  }
}

async function prepare(
  service: Service,
  values: ReadonlyMap<string, unknown>,
  { shared, signal }: { readonly shared: SharedContext; readonly signal: AbortSignal },
): Promise<void> {
  const { name, timeouts, dependsOn, preparation } = service;
  const dependencies = Object.fromEntries(
    Object.entries(dependsOn).map(([key, needed]) => [key, values.get(needed.name)]),
  );
  const ms = timeouts.prepare;
  const deadline = { ms, signal, expired: () => failed(name, `it took longer than ${ms} ms`) };
  const context = { ...shared, log: shared.log.child({ service: name }) };
  try {
    await withDeadline(deadline, async (bounded) =>
      preparation?.prepare(dependencies, { ...context, signal: bounded }),
    );
  } catch (error) {
    throw isMayflyError(error) ? error : failed(name, error);
  }
}

function failed(service: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_PREPARE_FAILED', {
    message: `Service "${service}" could not prepare the database: ${reasonOf(cause)}.`,
    remedy: 'Mend its `prepare`; nothing of it is left.',
    service,
    phase: 'provision',
    cause,
  });
}
