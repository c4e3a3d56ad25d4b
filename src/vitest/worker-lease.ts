import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { LeaseParts, ReleasedLease } from '../environment/leases/lease-parts.ts';

/** How long a connection to Redis may take to be made, in milliseconds. */
const connectTimeout = 5_000;

/** A lease as the tests of a file share it. What is asked for is taken then, and goes with the file. */
export interface SharedLease {
  /** A pool of the lease's own database. */
  pool(): Promise<pg.Pool>;
  /** A client of the lease's own Redis space. */
  redis(): Promise<Redis>;
  /** The lease-scoped services of the definition, by name. */
  services(): Promise<Readonly<Record<string, unknown>>>;
}

/** A lease as the fixtures of one file or test share it: what none of them asks for is not taken. */
export class WorkerLease implements SharedLease {
  readonly parts: LeaseParts;
  readonly #failed: string[] = [];
  readonly #keepsFailed: boolean;
  #redis: Promise<Redis> | undefined;

  constructor(parts: LeaseParts, { keepsFailed }: { readonly keepsFailed: boolean }) {
    this.parts = parts;
    this.#keepsFailed = keepsFailed;
  }

  async pool(): Promise<pg.Pool> {
    return (await this.parts.postgres()).pool;
  }

  redis(): Promise<Redis> {
    this.#redis ??= this.#connect();
    return this.#redis;
  }

  async services(): Promise<Readonly<Record<string, unknown>>> {
    return this.parts.services();
  }

  /** A test failed while it had the lease. */
  fail(test: string): void {
    this.#failed.push(test);
  }

  /** Gives everything back, and says what there is to say about it, one line each. */
  async release(): Promise<readonly string[]> {
    const redis = await this.#redis?.catch(() => undefined);
    redis?.disconnect();
    const keep = this.#keepsFailed && this.#failed.length > 0;
    const url = keep && this.parts.has('postgres') ? (await this.parts.postgres()).details.url : undefined;
    return describe(await this.parts.release({ keep }), url);
  }

  async #connect(): Promise<Redis> {
    const [{ Redis: Client }, { url }] = await Promise.all([import('ioredis'), this.parts.redis()]);
    const redis = new Client(url, {
      connectionName: this.parts.name,
      connectTimeout,
      lazyConnect: true,
      // By default the client would go on trying when the server is gone, and keep the worker alive.
      retryStrategy: () => null,
      disconnectTimeout: 1,
    });
    // Without a listener the client prints what its commands report as well.
    redis.on('error', () => {});
    await redis.connect();
    return redis;
  }
}

function describe({ database, redis }: ReleasedLease, kept: string | undefined): string[] {
  const lines =
    kept === undefined || database?.outcome !== 'kept' ? [] : [`the database of the failed test is kept: ${kept}`];
  if (database !== undefined && database.leftover.length > 0) {
    lines.push(`connections to the database were left open, and ended: ${database.leftover.join(', ')}`);
  }
  if (redis !== undefined && redis.leftover.length > 0) {
    lines.push(`connections to Redis were left open, and ended: ${redis.leftover.join(', ')}`);
  }
  return lines;
}
