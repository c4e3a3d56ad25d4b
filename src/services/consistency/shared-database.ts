import { MayflyError } from '../../errors/mayfly-error.ts';
import { connectionOf } from '../../service/shared-connection.ts';
import type { Queryable } from '../database/queryable.ts';

/** The services of a lease, or some of them, by name. */
export interface SharingServices {
  /** What all others are to work on. */
  readonly database: Queryable;
}

/** The names of the services that hold another connection than that of `database`, in the order in which they are given. */
export function strays(services: SharingServices): readonly string[] {
  const named: readonly [string, unknown][] = Object.entries(services);
  const astray = named.filter(([, value]) => ![undefined, services.database].includes(held(value)));
  return astray.map(([name]) => name);
}

/**
 * The same services, with those that hold another connection replaced by copies of themselves on the shared one. Services
 * that were right already are the same objects. Whoever opened the other connections ends them.
 *
 * @throws MayflyError `MAYFLY_STATE_REFUSED` where one has no `within` by which it could be moved.
 *
 * @example
 * ```ts
 * const services = shareDatabase({ ...lease.services, wallet: fromElsewhere });
 * ```
 */
export function shareDatabase<Services extends SharingServices>(services: Services): Services {
  const moved: Record<string, unknown> = {};
  for (const name of strays(services)) {
    moved[name] = move(name, Reflect.get(services, name), services.database);
  }
  return { ...services, ...moved };
}

function held(value: unknown): Queryable | undefined {
  return connectionOf(value) as Queryable | undefined;
}

function move(name: string, value: unknown, database: Queryable): unknown {
  const movable = value as { readonly within?: unknown };
  if (typeof movable.within === 'function') {
    return (movable as { within: (db: Queryable) => unknown }).within(database);
  }
  throw new MayflyError('MAYFLY_STATE_REFUSED', {
    message: `Service "${name}" holds another connection than the others, and cannot be moved to theirs.`,
    remedy: 'Give it a `within(database)` that returns a copy of it on that database, or start it with the others.',
    service: name,
    phase: 'run',
  });
}
