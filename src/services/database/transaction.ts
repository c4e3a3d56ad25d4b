import type { PoolClient, QueryResultRow } from 'pg';
import type { z } from 'zod';
import type { Queryable } from './queryable.ts';
import { fit } from './rows.ts';

/** A transaction on one connection, or a savepoint in one. */
export class Transaction implements Queryable {
  readonly #client: PoolClient;
  readonly #depth: number;
  /** The savepoint that is open in it, whose end everything else waits for. */
  #inner: Promise<unknown> = Promise.resolve();

  private constructor(client: PoolClient, depth: number) {
    this.#client = client;
    this.#depth = depth;
  }

  /** Carries `work` out between BEGIN and COMMIT. */
  static async run<Result>(client: PoolClient, work: (inner: Queryable) => Promise<Result>): Promise<Result> {
    await client.query('BEGIN');
    try {
      const result = await work(new Transaction(client, 1));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // Where the connection is lost, so is the transaction.
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    await this.#inner;
    const { rows } = await this.#client.query<Row>(text, [...values]);
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
    const nested = this.#inner.then(() => this.#savepoint(work));
    this.#inner = nested.catch(() => {});
    return nested;
  }

  async #savepoint<Result>(work: (inner: Queryable) => Promise<Result>): Promise<Result> {
    const name = `level_${this.#depth}`;
    await this.#client.query(`SAVEPOINT ${name}`);
    try {
      const result = await work(new Transaction(this.#client, this.#depth + 1));
      await this.#client.query(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      await this.#client.query(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`).catch(() => {});
      throw error;
    }
  }
}
