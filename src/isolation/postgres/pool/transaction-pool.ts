import { EventEmitter } from 'node:events';
import { escapeLiteral, type Pool, type PoolClient } from 'pg';
import type { LeaseDatabase } from '../lease-database.ts';
import { sequencesQuery, type Baseline, type SequenceState } from '../template/baseline.ts';
import { callBack, callBackWithClient, type ConnectCallback } from './call-back.ts';
import { LeasePool, type PoolOwner } from './lease-pool.ts';
import { released } from './lease-released.ts';
import { SavepointClient } from './savepoint-client.ts';

/** What a session remembers beside its transaction, brought back to how it began. */
const forget = `SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; CLOSE ALL; SELECT pg_advisory_unlock_all();
  DEALLOCATE ALL; DISCARD TEMP; DISCARD SEQUENCES`;

/**
 * A pool of one connection, on which everything runs inside one transaction. Kept by its process from one lease to the
 * next, since making a connection takes longer than most tests.
 */
export class TransactionPool {
  readonly #pool: LeasePool;
  readonly #baseline: Baseline;
  #isOver = { value: false };
  #client: SavepointClient | undefined;
  /** Those of the connection's errors that are not a lease's. */
  #listeners: readonly unknown[] = [];

  constructor(database: LeaseDatabase, owner: PoolOwner, baseline: Baseline) {
    this.#baseline = baseline;
    // It is lost if it is closed between two tests.
    const options = { ...database.poolOptions, max: 1, idleTimeoutMillis: 0 };
    this.#pool = new LeasePool(options, owner, SavepointClient);
  }

  get pool(): Pool {
    return this.#pool;
  }

  /** Begins a transaction, and gives the pool on which everything runs inside it, until it is rolled back. */
  async begin(): Promise<Pool> {
    const client = await this.#pool.connect();
    this.#client = client as unknown as SavepointClient;
    try {
      await this.#client.beginAll();
    } finally {
      client.release();
    }
    this.#listeners = client.listeners('error');
    return this.#view();
  }

  /**
   * Rolls everything back, and says whether nothing is left of it: not where the transaction was ended from within, or
   * the connection is still in use or was lost.
   */
  async rollBack(): Promise<boolean> {
    const client = this.#client;
    this.#isOver.value = true;
    if (client === undefined || this.#pool.held > 0 || this.#pool.totalCount !== 1) {
      return false;
    }
    try {
      await client.rollBackAll();
      const names = this.#baseline.sequences.map(({ name }) => name);
      const [sequences] = names.length === 0 ? [] : await client.queryRaw(sequencesQuery(names));
      await client.queryRaw([...this.#restart((sequences?.rows ?? []) as SequenceState[]), forget].join(';'));
      client.forgetPrepared();
      client.removeAllListeners('notification');
      client.removeAllListeners('notice');
      client.listeners('error').forEach((listener) => {
        if (!this.#listeners.includes(listener)) {
          client.off('error', listener as () => void);
        }
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Closes the connection. */
  async release(): Promise<void> {
    await this.#pool.release();
  }

  /** The pool as one lease sees it: what that lease forgot must not run in the next one's transaction. */
  #view(): Pool {
    const pool = this.#pool;
    const isOver = { value: false };
    this.#isOver = isOver;
    const connect = async (): Promise<PoolClient> => {
      if (isOver.value) {
        throw released();
      }
      return pool.connect();
    };
    const view = Object.assign(Object.create(pool) as Pool, {
      connect: (callback?: ConnectCallback) =>
        callback === undefined ? connect() : callBackWithClient(connect(), callback),
      query: (...parameters: unknown[]) => queryOnce(connect, parameters),
      end: async () => {},
    });
    // Otherwise listeners would be added to the pool itself, and stay there.
    (EventEmitter as unknown as (this: EventEmitter) => void).call(view);
    return view;
  }

  /** A rollback does not take numbers back. */
  #restart(now: readonly SequenceState[]): string[] {
    return this.#baseline.sequences
      .filter(({ value, isCalled }, index) => now[index]?.value !== value || now[index].isCalled !== isCalled)
      .map(({ name, value, isCalled }) => `SELECT setval(${escapeLiteral(name)}, ${value}, ${isCalled})`);
  }
}

/** A pool throws the connection away on which a statement failed, and with it all that the lease has written. */
function queryOnce(connect: () => Promise<PoolClient>, parameters: readonly unknown[]): unknown {
  const callback = parameters.at(-1);
  const isCalledBack = typeof callback === 'function';
  const querying = (async () => {
    const client = await connect();
    try {
      return await (client.query as (...all: unknown[]) => Promise<unknown>)(
        ...(isCalledBack ? parameters.slice(0, -1) : parameters),
      );
    } finally {
      client.release();
    }
  })();
  if (!isCalledBack) {
    return querying;
  }
  callBack(querying, callback as () => void);
  return undefined;
}
