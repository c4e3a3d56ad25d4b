import type pg from 'pg';
import type { EnvironmentDefinition } from '../../config/definition.ts';
import type { LeaseDatabase } from '../../isolation/postgres/lease-database.ts';
import type { RedisSpace } from '../../isolation/redis/redis-space.ts';
import type { ServicesOf } from '../services-of.ts';
import type { ReleasedLease } from './lease-parts.ts';

/** For whom a lease is taken. */
export interface LeaseOptions {
  /** Names the lease in errors, reports and on its connections: that of the test, for one. */
  readonly name?: string | undefined;
  /** The test file. */
  readonly file?: string | undefined;
  /** Gives the wait up. */
  readonly signal?: AbortSignal | undefined;
  /** How long the lease is waited for when all are taken, in milliseconds, instead of what the definition says. */
  readonly timeout?: number | undefined;
}

/** The database of a lease, where the environment has a Postgres. */
interface LeasedPostgres {
  /** How it is reached: plain data. */
  readonly postgres: LeaseDatabase;
  /** A pool of it, as large as the lease's share of the server's connections. It ends with the lease. */
  readonly pool: pg.Pool;
}

/** The Redis space of a lease, where the environment has a Redis. */
interface LeasedRedis {
  readonly redis: RedisSpace;
}

/**
 * A database and a Redis space of one's own, with the lease-scoped services on top. Whoever took it releases it.
 *
 * Its fields throw MayflyError `MAYFLY_LEASE_RELEASED` afterwards.
 */
export type Lease<Definition extends EnvironmentDefinition = EnvironmentDefinition> = AsyncDisposable & {
  readonly name: string;
  /** What the start of each lease-scoped service gave, by its name. */
  readonly services: ServicesOf<Definition, 'lease'>;
  /**
   * Stops the services, ends what is left open, and gives everything back. `keep` leaves the database as it is, for
   * people to look at as long as its server runs. Called again it gives the same answer.
   *
   * @throws MayflyError `MAYFLY_LEASE_RETURN_FAILED`, after every part was seen to.
   */
  release(options?: { readonly keep?: boolean }): Promise<ReleasedLease>;
} & (Definition extends { readonly postgres: false } ? unknown : LeasedPostgres) &
  (Definition extends { readonly redis: false } ? unknown : LeasedRedis);
