import type pg from 'pg';
import type { PoolClient } from 'pg';
import type { PoolOptions } from '../lease-database.ts';
import { LeaseClient } from './lease-client.ts';
import { LeasePool, type PoolOwner } from './lease-pool.ts';
import { lendClient } from './lend-client.ts';

/** What the pool of a lease left behind for the next, until that connects. */
interface Legacy {
  client: LeaseClient | undefined;
}

/**
 * The pool of a lease whose database comes back. When it is released it may leave a connection behind, as good as new,
 * for the pool of the next lease of that database in this process.
 */
export class RecyclingPool extends LeasePool {
  readonly #legacy: Legacy;
  #isOver = false;

  constructor(options: PoolOptions, owner: PoolOwner, kept: LeaseClient | undefined) {
    const legacy = { client: kept };
    super(options, owner, clientClass(legacy));
    this.#legacy = legacy;
  }

  protected override lend(client: PoolClient): PoolClient {
    return lendClient(client, () => this.#isOver);
  }

  /** What was kept may have been lost meanwhile: then it is as if there had been nothing. */
  protected override async checkOut(): Promise<PoolClient> {
    const isFirst = this.#legacy.client !== undefined;
    try {
      return await super.checkOut();
    } catch (error) {
      if (isFirst) {
        return super.checkOut();
      }
      throw error;
    }
  }

  /** Ends the pool, but for one connection, where there is one that can be kept. */
  async releaseButOne(): Promise<LeaseClient | undefined> {
    this.#isOver = true;
    const kept = this.#legacy.client ?? (await this.#keepOne());
    await this.release();
    kept?.park();
    return kept;
  }

  async #keepOne(): Promise<LeaseClient | undefined> {
    if (this.ending || this.held > 0 || this.idleCount === 0) {
      return undefined;
    }
    const client = (await this.checkOut()) as unknown as LeaseClient & PoolClient;
    const isKept = await client.keep();
    client.release();
    return isKept ? client : undefined;
  }
}

/** What a pool makes its clients by: the first is the one that was left, if there is one. */
function clientClass(legacy: Legacy): typeof pg.Client {
  function Client(config: pg.ClientConfig): LeaseClient {
    const left = legacy.client?.reuse(config);
    legacy.client = undefined;
    return left ?? new LeaseClient(config);
  }
  // Called with `new`: what a function returns then is the object.
  return Client as unknown as typeof pg.Client;
}
