import type { EnvironmentDefinition } from '../../config/definition.ts';
import { released } from '../../isolation/postgres/pool/lease-released.ts';
import type { LeaseOffice } from './lease-office.ts';
import { LeaseParts } from './lease-parts.ts';
import type { Lease, LeaseOptions } from './lease.ts';

/**
 * Takes a whole lease: a database, a Redis space and the lease-scoped services, as far as the environment has them.
 * When one part cannot be had, the others are given back.
 */
export async function takeLease<Definition extends EnvironmentDefinition>(
  office: LeaseOffice,
  { name = 'lease', file, ...patience }: LeaseOptions,
): Promise<Lease<Definition>> {
  const parts = new LeaseParts(office, { name, file, worker: String(process.pid) }, patience);
  try {
    return await wholeLease<Definition>(parts);
  } catch (error) {
    await parts.release().catch(() => {});
    throw error;
  }
}

/** A lease with all its parts. */
export async function wholeLease<Definition extends EnvironmentDefinition>(
  parts: LeaseParts,
): Promise<Lease<Definition>> {
  const [taken, space, services] = await Promise.all([
    parts.has('postgres') ? parts.postgres() : undefined,
    parts.has('redis') ? parts.redis() : undefined,
    parts.services(),
  ]);
  const unlessReleased = <T>(value: T): T => {
    if (parts.isReleased) {
      throw released(parts.name);
    }
    return value;
  };
  const lease = {
    name: parts.name,
    get postgres() {
      return unlessReleased(taken?.details);
    },
    get pool() {
      return unlessReleased(taken?.pool);
    },
    get redis() {
      return unlessReleased(space);
    },
    get services() {
      return unlessReleased(services);
    },
    release: (options) => parts.release(options),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  } satisfies Record<keyof Lease, unknown> & { release: Lease['release'] };
  return lease as unknown as Lease<Definition>;
}
