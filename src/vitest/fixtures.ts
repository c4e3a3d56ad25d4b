/// <reference lib="esnext.disposable" />
// Loaded with the test file rather than in the time of its first test.
// oxlint-disable-next-line no-unassigned-import
import '../isolation/postgres/open-leases.ts';
// oxlint-disable-next-line no-unassigned-import
import '../isolation/redis/redis-spaces.ts';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { expect, test as base, type TestAPI, type TestContext } from 'vitest';
import type { EnvironmentDefinition } from '../config/definition.ts';
import type { Lease } from '../environment/leases/lease.ts';
import { wholeLease } from '../environment/leases/take-lease.ts';
import type { ServicesOf } from '../environment/services-of.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { attachWorker } from './attach-worker.ts';
import type { LeaseScope, MayflyContext } from './context.ts';
import { FileLeases } from './file-leases.ts';
import { ownTest } from './own-test.ts';
import { withinTest } from './within-test.ts';
import type { SharedLease } from './worker-lease.ts';

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
  MayflyFixtures<Definition> & MayflyFileFixtures & FileScope
>;

/** By which vitest's types know what `beforeAll`, and fixtures of users for a file, may depend on; there is no value. */
interface FileScope {
  readonly $__file?: MayflyFileFixtures;
}

/**
 * vitest's `test` with a database and a Redis space of its own, under the global setup `mayfly/vitest/setup`.
 *
 * What a test names it waits for in its own time: vitest counts fixtures in. What takes long has been done by then, in the
 * global setup: servers, migrations and the databases that are kept ready; what is left are a few milliseconds, more where
 * all are taken. `test.beforeEach(({ pg }) => {})` has that counted as the hook's time instead. What is given back after a
 * test is nobody's time.
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
export const test: MayflyTest = ownTest(mayflyTest());

/** The same with the services of this definition in its types, and without looking for a config file. */
export function mayflyTest<const Definition extends EnvironmentDefinition = EnvironmentDefinition>(
  definition?: Definition,
): MayflyTest<Definition> {
  return base
    .extend('leaseScope', { injected: true }, 'file' as LeaseScope)
    .extend('mayflyFiles', { scope: 'file' }, new FileLeases(() => attachWorker(definition)))
    .extend('fileLease', { scope: 'file' }, async ({ mayflyFiles }, { onCleanup }) => {
      const { testPath } = expect.getState();
      const lease = await mayflyFiles.enter(testPath);
      onCleanup(async () => report(await mayflyFiles.leave(testPath)));
      return lease;
    })
    .extend('mayflyLease', async ({ leaseScope, fileLease, task, signal }, { onCleanup }) => {
      const order = { name: task.name, file: task.file.filepath, timeout: withinTest(task.timeout), signal };
      const lease = isOfTest(leaseScope) ? fileLease.ofTest(order) : fileLease;
      onCleanup(async () => {
        if (hasFailed(task)) {
          lease.fail(task.name);
        }
        if (lease !== fileLease) {
          report(await lease.release());
        }
      });
      return lease;
    })
    .extend('lease', async ({ mayflyLease }) => wholeLease<Definition>(mayflyLease.parts))
    .extend('pg', async ({ mayflyLease }) => mayflyLease.pool())
    .extend('databaseUrl', async ({ mayflyLease }) => mayflyLease.databaseUrl())
    .extend('redis', async ({ mayflyLease }) => mayflyLease.redis())
    .extend('services', async ({ mayflyLease }) => mayflyLease.services()) as unknown as MayflyTest<Definition>;
}

function isOfTest(scope: LeaseScope): boolean {
  if (!['file', 'test'].includes(scope)) {
    throw new MayflyError('MAYFLY_DEFINITION_INVALID', {
      message: `leaseScope is ${JSON.stringify(scope)}.`,
      remedy: "Say 'file' or 'test'.",
      phase: 'configure',
    });
  }
  return scope === 'test';
}

/** Whether this attempt at a test failed: one of `test.fails` does when it passes. */
function hasFailed({ result, fails = false }: TestContext['task']): boolean {
  return result?.state === (fails ? 'pass' : 'fail');
}

/** vitest shows it with the test or the file. Its own annotations are closed when a test has ended. */
function report(lines: readonly string[]): void {
  for (const line of lines) {
    // oxlint-disable-next-line no-console
    console.warn(`mayfly    ${line}`);
  }
}
