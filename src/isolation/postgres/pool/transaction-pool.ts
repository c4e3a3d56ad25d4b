import pg, { escapeLiteral } from 'pg';
import type { LeaseDatabase } from '../lease-database.ts';
import { sequencesQuery, type Baseline, type SequenceState } from '../template/baseline.ts';
import { LeasePool, type PoolOwner } from './lease-pool.ts';
import { released } from './lease-released.ts';
import { SavepointClient } from './savepoint-client.ts';

/** What a session remembers beside its transaction, brought back to how it began. Prepared statements stay. */
const forget = `SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; CLOSE ALL; SELECT pg_advisory_unlock_all();
  DISCARD TEMP; DISCARD SEQUENCES`;

/**
 * A pool of one connection, on which everything runs inside one transaction. Kept by its process from one lease to the
 * next, since making a connection takes longer than most tests.
 */
export class TransactionPool {
  readonly #pool: LeasePool;
  readonly #baseline: Baseline;
  #isOver = { value: false };
  #client: SavepointClient | undefined;
  #transaction = '';

  constructor(database: LeaseDatabase, owner: PoolOwner, baseline: Baseline) {
    this.#baseline = baseline;
    // It is lost if it is closed between two tests.
    const options = { ...database.poolOptions, max: 1, idleTimeoutMillis: 0 };
    this.#pool = new LeasePool(options, owner, SavepointClient);
  }

  get pool(): pg.Pool {
    return this.#pool;
  }

  /** Begins a transaction, and gives the pool on which everything runs inside it, until it is rolled back. */
  async begin(): Promise<pg.Pool> {
    const client = await this.#pool.connect();
    this.#client = client as unknown as SavepointClient;
    try {
      this.#transaction = await this.#client.beginAll();
    } finally {
      client.release();
    }
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
      await client.queryRaw('ROLLBACK');
      const names = this.#baseline.sequences.map(({ name }) => name);
      const [status, sequences] = await client.queryRaw(
        [
          `SELECT pg_xact_status('${this.#transaction}') AS status`,
          ...(names.length === 0 ? [] : [sequencesQuery(names)]),
        ].join(';'),
      );
      if ((status?.rows[0] as { status: string }).status !== 'aborted') {
        return false;
      }
      await client.queryRaw([...this.#restart((sequences?.rows ?? []) as SequenceState[]), forget].join(';'));
      client.removeAllListeners('notification');
      client.removeAllListeners('notice');
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
  #view(): pg.Pool {
    const pool = this.#pool;
    const isOver = { value: false };
    this.#isOver = isOver;
    const connect = (callback?: Parameters<pg.Pool['connect']>[0]): unknown => {
      if (!isOver.value) {
        return callback === undefined ? pool.connect() : pool.connect(callback);
      }
      return callback === undefined ? Promise.reject(released()) : callback(released(), undefined, () => {});
    };
    return Object.assign(Object.create(pool) as pg.Pool, { connect, end: async () => {} });
  }

  /** A rollback does not take numbers back. */
  #restart(now: readonly SequenceState[]): string[] {
    return this.#baseline.sequences
      .filter(({ value, isCalled }, index) => now[index]?.value !== value || now[index].isCalled !== isCalled)
      .map(({ name, value, isCalled }) => `SELECT setval(${escapeLiteral(name)}, ${value}, ${isCalled})`);
  }
}
