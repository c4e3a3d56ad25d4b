import type { Connection, Pool, PoolClient, PoolConfig, QueryResultRow } from 'pg';
import type { z } from 'zod';
import type { OnConnection } from '../../service/shared-connection.ts';
import type { Queryable } from './queryable.ts';
import { fit } from './rows.ts';
import { Transaction } from './transaction.ts';

/** How long a statement may take where nothing is said, in milliseconds: a test that hangs is to say in which. */
const defaultStatementTimeout = 10_000;

/** How a database is reached: what `pg.Pool` takes. */
export type DatabaseOptions = PoolConfig;

/** The one pool that all services on a database share. */
export class Database implements Queryable, OnConnection, AsyncDisposable {
  readonly pool: Pool;
  /** Whether the pool was opened here, and so is ended here. */
  #isOwn = false;
  /** Those that have been told how long a statement may take. */
  readonly #limited = new WeakSet<Connection>();

  /**
   * On a pool that somebody else has opened, and ends. Each connection is told at its first use that a statement may take
   * 10 seconds, which then holds for whoever else uses the pool.
   */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  get sharedConnection(): Database {
    return this;
  }

  /** On a pool of its own, which ends when this is disposed of. Connects to nothing yet: the first statement does. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const { Pool: PgPool } = await import('pg').then((module) => module.default);
    const pool = new PgPool({ statement_timeout: defaultStatementTimeout, ...options });
    // A connection that is lost while nobody uses it or outside a query, would end this process (node-postgres#3083);
    // the next query tells.
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
    const database = new Database(pool);
    database.#isOwn = true;
    return database;
  }

  async query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const { rows } = await this.#borrow(
      (client) => client.query<Row>(text, [...values]),
      (severity) => severity === 'ERROR',
    );
    return rows;
  }

  async select<Model extends z.ZodType>(
    model: Model,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<z.output<Model>[]> {
    return fit(model, await this.query(text, values));
  }

  async transaction<Result>(work: (inner: Queryable) => Promise<Result>): Promise<Result> {
    // Where it was rolled back the connection has answered, whoever threw.
    return this.#borrow(
      (client) => Transaction.run(client, work),
      (severity) => severity === undefined || severity === 'ERROR',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOwn && !this.pool.ended) {
      await this.pool.end();
    }
  }

  /** `isWhole` tells by the severity of a failure, if it is the server's, whether the connection may be used again. */
  async #borrow<Result>(
    work: (client: PoolClient) => Promise<Result>,
    isWhole: (severity: unknown) => boolean,
  ): Promise<Result> {
    const client = await this.pool.connect();
    // A lease in the mode `transaction` is inside one all the time.
    const status = client.getTransactionStatus();
    let isLost = false;
    try {
      await this.#limit(client);
      return await work(client);
    } catch (error) {
      // A server that ends the connection says so first: the connection itself does not know yet.
      isLost = !isWhole((error as { readonly severity?: unknown } | undefined)?.severity);
      throw error;
    } finally {
      // One that could not be rolled back is not given to anybody else either.
      client.release(isLost || client.getTransactionStatus() !== status);
    }
  }

  async #limit(client: PoolClient): Promise<void> {
    // The pool of a lease may hand another object out each time.
    const { connection } = client;
    if (!this.#isOwn && !this.#limited.has(connection)) {
      await client.query(`SET statement_timeout = ${defaultStatementTimeout}`);
      this.#limited.add(connection);
    }
  }
}
