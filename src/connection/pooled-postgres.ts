import type { Pool } from 'pg';
import type { PostgresDetails } from './details.ts';

/** How services of a lease reach its Postgres. */
export interface PooledPostgres extends PostgresDetails {
  /**
   * The lease's own pool, whose connection is there already where the lease before left one; while the template is
   * prepared, a pool of that. Whoever provides it ends it. It is not enumerable: spread, compared or written as JSON, the
   * rest is plain data.
   */
  readonly pool: Pool;
}

/** The same details, with a pool of that database. */
export function withPool<Details extends PostgresDetails>(details: Details, pool: Pool): Details & PooledPostgres {
  return Object.defineProperty({ ...details, pool }, 'pool', { enumerable: false });
}
