// The compiler is what runs these tests, on each vitest that is a peer: nothing here is ever called.
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { describe, expectTypeOf, test as vitestTest } from 'vitest';
import { defineEnvironment } from '../config/definition.ts';
import type { PostgresDetails } from '../connection/details.ts';
import { postgres } from '../environment/servers.ts';
import { defineService } from '../service/define-service.ts';
import { mayflyTest, test, type LeaseScope, type SharedLease } from './fixtures.ts';

interface Ledger {
  readonly sum: () => Promise<number>;
}

const ledger = defineService({
  name: 'ledger',
  dependsOn: { database: postgres },
  start: async ({ database }): Promise<Ledger> => ({ sum: async () => database.port }),
});
const clock = defineService({ name: 'clock', scope: 'run', start: () => new Date() });
const definition = defineEnvironment({ services: [ledger, clock] });

test('a test has the fixtures, and what vitest gives besides', ({
  pg,
  databaseUrl,
  redis,
  lease,
  leaseScope,
  task,
}) => {
  expectTypeOf(pg).toEqualTypeOf<Pool>();
  expectTypeOf(databaseUrl).toBeString();
  expectTypeOf(redis).toEqualTypeOf<Redis>();
  expectTypeOf(lease.pool).toEqualTypeOf<Pool>();
  expectTypeOf(lease.postgres).toExtend<PostgresDetails>();
  expectTypeOf(lease.redis.channelPrefix).toBeString();
  expectTypeOf(leaseScope).toEqualTypeOf<LeaseScope>();
  expectTypeOf(task.name).toBeString();
});

// @ts-expect-error -- pg
test('what is misspelt does not compile', ({ pgg }) => pgg);

test('without a definition there are no services', ({ services }) => {
  expectTypeOf<keyof typeof services>().toBeNever();
});

mayflyTest(definition)('services are those of leases alone', ({ services, lease }) => {
  expectTypeOf(services).toEqualTypeOf<{ readonly ledger: Ledger }>();
  expectTypeOf(lease.services).toEqualTypeOf<{ readonly ledger: Ledger }>();
});

mayflyTest(defineEnvironment({ postgres: false }))('a server that is left out is in no lease', ({ lease }) => {
  expectTypeOf(lease).not.toHaveProperty('pool');
  expectTypeOf(lease).not.toHaveProperty('postgres');
  expectTypeOf(lease.redis.url).toBeString();
});

describe('the scope of leases', () => {
  test.override('leaseScope', 'test');
  test.override({ leaseScope: 'file' });
  // @ts-expect-error -- a scope that there is not
  test.override('leaseScope', 'worker');
});

describe('hooks', () => {
  test.beforeEach(({ pg, fileLease }) => {
    expectTypeOf(pg).toEqualTypeOf<Pool>();
    expectTypeOf(fileLease).toEqualTypeOf<SharedLease>();
  });

  test.beforeAll(async ({ fileLease, ...others }) => {
    expectTypeOf(await fileLease.pool()).toEqualTypeOf<Pool>();
    expectTypeOf(await fileLease.redis()).toEqualTypeOf<Redis>();
    expectTypeOf<keyof typeof others>().toBeNever();
  });

  // @ts-expect-error -- that is of one test
  test.beforeAll(({ pg }) => pg);
});

describe('fixtures of users', () => {
  const withSum = mayflyTest(definition)
    .extend('sum', async ({ services, pg }) => {
      expectTypeOf(pg).toEqualTypeOf<Pool>();
      return services.ledger.sum();
    })
    .extend('seed', { scope: 'file' }, async ({ fileLease }) => {
      expectTypeOf(fileLease).toEqualTypeOf<SharedLease>();
      return 1;
    });

  withSum('are typed by what they are built on', ({ sum, seed, redis }) => {
    expectTypeOf(sum).toBeNumber();
    expectTypeOf(seed).toBeNumber();
    expectTypeOf(redis).toEqualTypeOf<Redis>();
  });

  withSum.beforeAll(({ seed, fileLease }) => {
    expectTypeOf(seed).toBeNumber();
    expectTypeOf(fileLease).toEqualTypeOf<SharedLease>();
  });
});

vitestTest('it is a `test` like that of vitest', () => {
  expectTypeOf(test.for).toBeFunction();
  expectTypeOf(test.concurrent.skip).toBeFunction();
});
