import type { EnvironmentDefinition } from '../config/definition.ts';
import type { Health } from '../coordinator/health.ts';
import type { TeardownReport } from '../coordinator/teardown.ts';
import type { Span } from '../coordinator/timeline.ts';
import type { MayflyError } from '../errors/mayfly-error.ts';
import type { ConnectionReport } from '../isolation/postgres/connections/connection-monitor.ts';
import type { Lease, LeaseOptions } from './leases/lease.ts';
import type { DetailsOf, ServicesOf } from './services-of.ts';

/** A started definition. Whoever started it stops it. */
export interface Environment<Definition extends EnvironmentDefinition = EnvironmentDefinition> extends AsyncDisposable {
  /** Identifies the run, also on everything that it made. */
  readonly session: string;
  /** The run's private directory, for files that are to go with it. */
  readonly directory: string;
  /** Where servers run and why, in one line. */
  readonly runtime: string;
  /** How to reach each service: plain data, by the service's name. Holds passwords. */
  readonly details: DetailsOf<Definition>;
  /** What the start of each service of the run gave, by its name. Those of leases are found on a lease. */
  readonly services: ServicesOf<Definition, 'run'>;
  /** DATABASE_URL, REDIS_URL and the like, for a process that is to use the environment. Holds passwords. */
  readonly variables: Readonly<Record<string, string>>;
  /** What was done so far, and how long each step took. */
  readonly timeline: readonly Span[];
  /** Servers that have died since though nobody stopped them, each as `MAYFLY_SERVER_DIED`. */
  readonly deaths: readonly MayflyError[];
  /** How many connections Postgres had, who held them, and which were refused; `undefined` until leases are taken. */
  readonly connections: ConnectionReport | undefined;
  /**
   * Takes a database and a Redis space for oneself, with the lease-scoped services on top: in a millisecond or two where
   * one is ready. Whoever takes a lease releases it; what is still out goes with the environment.
   *
   * @throws MayflyError `MAYFLY_LEASE_TIMEOUT` or `MAYFLY_REDIS_SPACES_EXHAUSTED` when all are taken,
   * `MAYFLY_BUDGET_TOO_SMALL`, `MAYFLY_ENVIRONMENT_STOPPED` after {@link stop}, or why a service did not start.
   *
   * @example
   * ```ts
   * await using lease = await environment.lease({ name: 'books a seat' });
   * await lease.pool.query('INSERT INTO seat DEFAULT VALUES');
   * ```
   */
  lease(options?: LeaseOptions): Promise<Lease<Definition>>;
  /** Whether every service is healthy, and why not. Never throws. */
  health(): Promise<Health>;
  /**
   * Calls the `reset` of each service that has one, dependents first. Postgres and Redis themselves are not emptied.
   *
   * @throws MayflyError `MAYFLY_SERVICE_RESET_FAILED`, or `MAYFLY_ENVIRONMENT_STOPPED` after {@link stop}.
   */
  reset(): Promise<void>;
  /**
   * Takes everything away, in reverse, and says what was done. Called again it gives the same answer.
   *
   * @throws TeardownError when steps failed, after all of them were carried out.
   */
  stop(): Promise<TeardownReport>;
}
