import type { PostgresDetails, RedisDetails } from '../connection/details.ts';

/** What `inject('mayfly')` gives: plain data that says how to reach the run's servers. */
export interface MayflyContext {
  /** Identifies the run. */
  readonly session: string;
  /** Where servers run and why. */
  readonly runtime: string;
  /** Not there where the definition says `postgres: false`. */
  readonly postgres: PostgresDetails;
  /** Not there where the definition says `redis: false`. */
  readonly redis: RedisDetails;
  /** What each of the definition's services of the run gives as its details, by name. */
  readonly services: Readonly<Record<string, unknown>>;
  /**
   * How leases are taken.
   *
   * @internal
   */
  readonly leases: unknown;
  /**
   * The directory where the search for a config file begins.
   *
   * @internal
   */
  readonly directory: string;
  /**
   * Whether the config file may have services of leases, which workers would have to load it for.
   *
   * @internal
   */
  readonly mayHaveLeaseServices: boolean;
  /**
   * The project's own, in milliseconds.
   *
   * @internal
   */
  readonly testTimeout: number;
}

/** For how long a database and a Redis space are a test's own: for its file's tests together, or for it alone. */
export type LeaseScope = 'file' | 'test';

declare module 'vitest' {
  interface ProvidedContext {
    mayfly: MayflyContext;
    /** `provide: { leaseScope: 'test' }` in the configuration gives every test a lease of its own. */
    leaseScope?: LeaseScope;
  }
}
