/// <reference lib="esnext.disposable" />
// Loaded with the test file rather than in the time of the first test: the clients, and what takes leases.
import 'ioredis';
import '../isolation/postgres/open-leases.ts';
import '../isolation/redis/redis-spaces.ts';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { expect, test as base, type TestAPI } from 'vitest';
import type { EnvironmentDefinition } from '../config/definition.ts';
import { readProcessEnv } from '../config/process-env.ts';
import type { AttachedEnvironment } from '../environment/attached-environment.ts';
import type { Lease } from '../environment/leases/lease.ts';
import { wholeLease } from '../environment/leases/take-lease.ts';
import type { ServicesOf } from '../environment/services-of.ts';
import { attachWorker } from './attach-worker.ts';
import type { LeaseScope, MayflyContext } from './context.ts';
import { WorkerLease, type SharedLease } from './worker-lease.ts';

export { expect };
export type { LeaseScope, MayflyContext, SharedLease };

/** What a test finds in its context. Only what it names is started. */
export interface MayflyFixtures<Definition extends EnvironmentDefinition = EnvironmentDefinition> {
  /** Whether the tests of a file share one lease, as they do where nothing is said, or each has its own. */
  readonly leaseScope: LeaseScope;
  /** The whole lease. */
  readonly lease: Lease<Definition>;
  /** A pool of the lease's own database. */
  readonly pg: pg.Pool;
  /** The URL of the lease's own database. */
  readonly databaseUrl: string;
  /** A client of the lease's own Redis space. */
  readonly redis: Redis;
  /** The lease-scoped services of the definition, by name. */
  readonly services: ServicesOf<Definition, 'lease'>;
}

/** What `beforeAll` finds as well, for what the tests of a file share. */
export interface MayflyFileFixtures {
  readonly fileLease: SharedLease;
}

/** vitest's `test` with these fixtures. */
export type MayflyTest<Definition extends EnvironmentDefinition = EnvironmentDefinition> = TestAPI<
  MayflyFixtures<Definition> & MayflyFileFixtures & FixtureScopes<Definition>
>;

/** By which vitest's types know what `beforeAll` and the fixtures of users may depend on. */
interface FixtureScopes<Definition extends EnvironmentDefinition> {
  readonly $__file?: MayflyFileFixtures;
  readonly $__test?: MayflyFixtures<Definition>;
}

/**
 * vitest's `test` with a database and a Redis space of its own, under the global setup `mayfly/vitest/setup`.
 *
 * @example
 * ```ts
 * import { expect, test } from 'mayfly/vitest';
 *
 * test('books a seat', async ({ pg }) => {
 *   await pg.query('INSERT INTO seat (number) VALUES (1)');
 * });
 * ```
 */
export const test: MayflyTest = mayflyTest();

/** The same with the services of this definition in its types, and without looking for a config file. */
export function mayflyTest<const Definition extends EnvironmentDefinition = EnvironmentDefinition>(
  definition?: Definition,
): MayflyTest<Definition> {
  return base
    .extend('leaseScope', { injected: true }, 'file' as LeaseScope)
    .extend('mayflyEnvironment', { scope: 'worker' }, async ({}, { onCleanup }) => {
      const environment = await attachWorker(definition);
      onCleanup(() => environment[Symbol.asyncDispose]());
      return environment;
    })
    .extend('fileLease', { scope: 'file' }, async ({ mayflyEnvironment }, { onCleanup }) => {
      const { testPath } = expect.getState();
      const lease = begin(mayflyEnvironment, { name: 'all tests of the file', file: testPath });
      onCleanup(async () => report(await lease.release()));
      return lease;
    })
    .extend('workerLease', async ({ leaseScope, mayflyEnvironment, fileLease, task }, { onCleanup }) => {
      const holder = { name: task.name, file: task.file.filepath };
      const lease = leaseScope === 'test' ? begin(mayflyEnvironment, holder) : fileLease;
      onCleanup(async () => {
        if (task.result?.state === 'fail') {
          lease.fail(task.name);
        }
        if (lease !== fileLease) {
          report(await lease.release());
        }
      });
      return lease;
    })
    .extend('lease', async ({ workerLease }) => wholeLease<Definition>(workerLease.parts))
    .extend('pg', async ({ workerLease }) => workerLease.pool())
    .extend('databaseUrl', async ({ workerLease }) => (await workerLease.parts.postgres()).details.url)
    .extend('redis', async ({ workerLease }) => workerLease.redis())
    .extend('services', async ({ workerLease }) => workerLease.services()) as unknown as MayflyTest<Definition>;
}

function begin(
  environment: AttachedEnvironment,
  { name, file }: { readonly name: string; readonly file: string | undefined },
): WorkerLease {
  const worker = readProcessEnv().vitestWorker;
  return new WorkerLease(environment.leaseParts({ name, file, worker }), environment);
}

/** vitest shows it with the test or the file that it belongs to. */
function report(lines: readonly string[]): void {
  for (const line of lines) {
    console.warn(`mayfly    ${line}`);
  }
}
