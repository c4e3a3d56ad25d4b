import { MayflyError } from '../errors/mayfly-error.ts';
import type { Service } from '../service/service.ts';

/** Services with their dependencies resolved by name: free of cycles, every dependency present. */
export interface ServiceGraph {
  /** Every service after all that it depends on; among those that are free to start, the one listed first. */
  readonly order: readonly Service[];
  readonly dependenciesOf: ReadonlyMap<string, readonly string[]>;
  readonly dependentsOf: ReadonlyMap<string, readonly string[]>;
}

/**
 * Resolves dependencies by name, so that a listed service stands in for any other of its name.
 *
 * @throws MayflyError `MAYFLY_SERVICE_DUPLICATE`, `MAYFLY_SERVICE_UNKNOWN_DEPENDENCY`, `MAYFLY_SERVICE_SCOPE` or
 * `MAYFLY_SERVICE_CYCLE`.
 */
export function buildGraph(services: readonly Service[]): ServiceGraph {
  const byName = indexByName(services);
  const dependenciesOf = new Map<string, string[]>();
  const dependentsOf = new Map<string, string[]>(services.map(({ name }) => [name, []]));
  for (const service of services) {
    const names = [...new Set(Object.values(service.dependsOn).map(({ name }) => name))];
    dependenciesOf.set(service.name, names);
    for (const name of names) {
      const dependents = dependentsOf.get(name) ?? rejectUnknown(service.name, name, [...byName.keys()]);
      if (service.scope === 'run' && byName.get(name)?.scope === 'lease') {
        rejectScope(service.name, name);
      }
      dependents.push(service.name);
    }
  }
  return { order: sort(services, dependenciesOf), dependenciesOf, dependentsOf };
}

function indexByName(services: readonly Service[]): Map<string, Service> {
  const byName = new Map<string, Service>();
  for (const service of services) {
    if (byName.has(service.name)) {
      throw new MayflyError('MAYFLY_SERVICE_DUPLICATE', {
        message: `Two services are named "${service.name}".`,
        remedy: 'List each service once, and give each a name of its own.',
        service: service.name,
        phase: 'configure',
      });
    }
    byName.set(service.name, service);
  }
  return byName;
}

function rejectUnknown(service: string, dependency: string, known: readonly string[]): never {
  throw new MayflyError('MAYFLY_SERVICE_UNKNOWN_DEPENDENCY', {
    message: `Service "${service}" depends on "${dependency}", which the environment does not have; it has ${known.join(', ')}.`,
    remedy: `Add "${dependency}" to the definition's services.`,
    service,
    phase: 'configure',
  });
}

function rejectScope(service: string, dependency: string): never {
  throw new MayflyError('MAYFLY_SERVICE_SCOPE', {
    message: `Service "${service}" starts once per run, and depends on "${dependency}", which every lease has of its own.`,
    remedy: `Give "${dependency}" \`scope: 'run'\` as well, or take it from "${service}".`,
    service,
    phase: 'configure',
  });
}

function sort(services: readonly Service[], dependenciesOf: ReadonlyMap<string, readonly string[]>): Service[] {
  const order: Service[] = [];
  const waiting = new Set(services);
  const placed = new Set<string>();
  while (waiting.size > 0) {
    const next = [...waiting].find(({ name }) => dependenciesOf.get(name)?.every((needed) => placed.has(needed)));
    if (next === undefined) {
      rejectCycle(findCycle([...waiting], dependenciesOf));
    }
    order.push(next);
    waiting.delete(next);
    placed.add(next.name);
  }
  return order;
}

/** Follows unplaced dependencies until a name comes round again: where nothing can be placed, one always does. */
function findCycle(waiting: readonly Service[], dependenciesOf: ReadonlyMap<string, readonly string[]>): string[] {
  const unplaced = new Set(waiting.map(({ name }) => name));
  const path: string[] = [];
  let name = waiting[0]?.name;
  while (name !== undefined && !path.includes(name)) {
    path.push(name);
    name = dependenciesOf.get(name)?.find((needed) => unplaced.has(needed));
  }
  return name === undefined ? path : [...path.slice(path.indexOf(name)), name];
}

function rejectCycle(path: readonly string[]): never {
  throw new MayflyError('MAYFLY_SERVICE_CYCLE', {
    message: `Services depend on each other in a circle: ${path.join(' → ')}.`,
    remedy: 'Take one of these dependencies away.',
    service: path[0],
    phase: 'configure',
  });
}
