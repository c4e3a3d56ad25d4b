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
  const { postgres, redis } = office.options.details();
  const [taken, space, services] = await Promise.all([
    postgres === undefined ? undefined : parts.postgres(),
    redis === undefined ? undefined : parts.redis(),
    parts.services(),
  ]).catch(async (error: unknown) => {
    await parts.release().catch(() => {});
    throw error;
  });
  let isReleased = false;
  const unlessReleased = <T>(value: T): T => {
    if (isReleased) {
      throw released(name);
    }
    return value;
  };
  const release: Lease['release'] = (options) => {
    isReleased = true;
    return parts.release(options);
  };
  const lease = {
    name,
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
    release,
    [Symbol.asyncDispose]: async () => void (await release()),
  };
  return lease as unknown as Lease<Definition>;
}
