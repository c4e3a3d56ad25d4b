import { z } from 'zod';
import type { PostgresDetails } from '../connection/details.ts';
import { functionOf } from '../service/option-schemas.ts';

/**
 * How a database is given to the next lease.
 *
 * - `recycle` undoes what was written where that is little and provable, and otherwise makes a fresh copy. Needs
 *   PostgreSQL 15 or newer and a superuser on the server; where it has not got them it is `clone`.
 * - `clone` makes a fresh copy after every lease: 15 to 50 ms of work, beside the tests where there is time.
 * - `transaction` runs everything on one connection inside a transaction that is rolled back: the fastest for small
 *   tests. No second connection sees anything, so an application in another process cannot take part; COMMIT becomes the
 *   release of a savepoint, and what happens only at a real commit (deferred constraints, NOTIFY) does not happen.
 */
export type LeaseMode = 'recycle' | 'clone' | 'transaction';

/** How databases and Redis spaces are handed out. Every field may be left out. */
export interface LeaseDefinition {
  /** `recycle` where it is left out. */
  readonly mode?: LeaseMode | undefined;
  /**
   * How many processes take leases at the same time: vitest's `maxWorkers` under vitest, elsewhere one for each
   * processor. Each has connections of its own, which the budget leaves room for.
   */
  readonly workers?: number | undefined;
  /** How many leases one process holds at the same time; 1 where it is left out. More are served, one after another. */
  readonly concurrency?: number | undefined;
  /** Connections that one lease may hold: 10, in CI 5, or fewer where the server has not got so many for all. */
  readonly connections?: number | undefined;
  /**
   * How many databases are made ahead of demand, those that are held included: one more than `workers` times
   * `concurrency` where it is left out, if there is room.
   */
  readonly ready?: number | undefined;
  /** How long a lease is waited for when all are taken, in milliseconds; 20,000 where it is left out. */
  readonly timeout?: number | undefined;
  /** How long a pool waits for one of its connections, in milliseconds; 20,000 where it is left out. */
  readonly poolTimeout?: number | undefined;
  /**
   * Whether the user of a lease is a superuser. No limit binds one, so the budget is only hoped for then, and each
   * database is made afresh.
   */
  readonly superuser?: boolean | undefined;
  /** Whether the database of a test that failed is kept, for as long as its server runs. */
  readonly keepFailed?: boolean | undefined;
}

/** Fills the database that every lease's is a copy of. It is reached as a superuser of that database's own. */
export type MigrationFunction = (postgres: PostgresDetails) => unknown;

/**
 * What is to be in every lease's database: a directory of .sql files, or a function that calls a tool for migrations.
 * `inputs` are the files and directories that the function depends on: while they are unchanged, what it made is used
 * again. Relative paths begin at the config file.
 */
export type Migrations =
  | string
  | URL
  | MigrationFunction
  | { readonly run: MigrationFunction; readonly inputs?: readonly (string | URL)[] | undefined };

const positive = z.int().min(1);
const milliseconds = positive.max(2 ** 31 - 1);
const path = z.union([z.string().min(1), z.instanceof(URL)]);
const run = functionOf<MigrationFunction>();

export const leaseSchema: z.ZodType<LeaseDefinition> = z.strictObject({
  mode: z.enum(['recycle', 'clone', 'transaction']).optional(),
  workers: positive.optional(),
  concurrency: positive.optional(),
  connections: positive.optional(),
  ready: z.int().min(0).optional(),
  timeout: milliseconds.optional(),
  poolTimeout: milliseconds.optional(),
  superuser: z.boolean().optional(),
  keepFailed: z.boolean().optional(),
});

export const migrationsSchema: z.ZodType<Migrations> = z.union(
  [path, run, z.strictObject({ run, inputs: z.array(path).min(1).optional() })],
  'expected a directory, a function, or { run, inputs }',
);
