import pg, { type PoolClient } from 'pg';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { reasonOf } from '../../../errors/reason.ts';
import { withDeadline } from '../../../service/deadline.ts';
import type { PoolOptions } from '../lease-database.ts';
import { callBackWithClient, type ConnectCallback } from './call-back.ts';
import { released } from './lease-released.ts';

/** What the server says when it has no connection left, for this user, this database, or anybody. */
const tooManyConnections = '53300';

/** How long a connection may take to end, in milliseconds; after that the server is asked to end it. */
const endTimeout = 1_000;

/** What a pool asks of the lease that it belongs to. */
export interface PoolOwner {
  /** Who holds the lease's connections, one line each. */
  readonly holders: () => Promise<string>;
  /** Hears of every connection that was refused, with who held the others. */
  readonly onRefused: (holders: string) => void;
}

/**
 * The pool of a lease: as large as its budget, and one that says who holds its connections where there is none left.
 *
 * Its `connect` and `query` reject with MayflyError `MAYFLY_CONNECTIONS_EXHAUSTED` then, and `MAYFLY_LEASE_RELEASED` when
 * the lease has been released; otherwise it is a `pg.Pool` like any other.
 */
export class LeasePool extends pg.Pool {
  readonly #owner: PoolOwner;
  #isReleased = false;

  constructor(options: PoolOptions, owner: PoolOwner, Client: typeof pg.Client = pg.Client) {
    super({ ...options, Client });
    this.#owner = owner;
    // Without listeners, a connection that is lost would end this process (node-postgres#3083); queries report it.
    this.on('error', () => {});
    this.on('connect', (client) => void client.on('error', () => {}));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | void {
    const connecting = this.#connect();
    if (callback === undefined) {
      return connecting;
    }
    callBackWithClient(connecting, callback);
  }

  /** How many connections are checked out. */
  get held(): number {
    return this.totalCount - this.idleCount;
  }

  /**
   * Ends the pool for good, and returns when its connections have ended, so that nobody takes them for leftovers. Those
   * that are checked out are not waited for: the server ends them.
   */
  async release(): Promise<void> {
    this.#isReleased = true;
    const { idleCount } = this;
    const { promise, resolve } = Promise.withResolvers<void>();
    let removed = 0;
    this.on('remove', () => {
      removed += 1;
      if (removed === idleCount) {
        resolve();
      }
    });
    if (!this.ending) {
      // Resolves before the connections have ended, and not at all while some are checked out.
      void this.end();
    }
    if (idleCount > 0) {
      const signal = new AbortController().signal;
      const deadline = { ms: endTimeout, signal, expired: () => new Error('the connections do not end') };
      await withDeadline(deadline, () => promise).catch(() => {});
    }
  }

  /** A client as it is handed out. */
  protected lend(client: PoolClient): PoolClient {
    return client;
  }

  /** A client as it is. */
  protected async checkOut(): Promise<PoolClient> {
    return super.connect();
  }

  async #connect(): Promise<PoolClient> {
    if (this.#isReleased) {
      throw released();
    }
    try {
      return this.lend(await this.checkOut());
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  async #explain(error: unknown): Promise<unknown> {
    const isRefused = error instanceof pg.DatabaseError && error.code === tooManyConnections;
    const isLate = error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect');
    if (!isRefused && !isLate) {
      return error;
    }
    const holders = await this.#holders();
    this.#owner.onRefused(holders);
    return new MayflyError('MAYFLY_CONNECTIONS_EXHAUSTED', {
      message: `No connection was free: ${reasonOf(error)}. They are held by:\n${holders}\n`,
      remedy: 'Give connections back (`client.release()`), end pools of your own, or raise leases.connections.',
      service: 'postgres',
      phase: 'run',
      cause: error,
    });
  }

  async #holders(): Promise<string> {
    try {
      return await this.#owner.holders();
    } catch (error) {
      return `  (not known: ${reasonOf(error)})`;
    }
  }
}
