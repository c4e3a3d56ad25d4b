import type { PoolClient, QueryResultRow } from 'pg';
import type { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { Queryable } from './queryable.ts';
import { fit } from './rows.ts';

/** A transaction on one connection, or a savepoint in one. */
export class Transaction implements Queryable {
  readonly #client: PoolClient;
  readonly #depth: number;
  /** The savepoint that is open in it, whose end everything else waits for. */
  #inner: Promise<unknown> = Promise.resolve();
  /** Whether its work is done: what came after it would be on a connection that is somebody else's by then. */
  #isOver = false;

  private constructor(client: PoolClient, depth: number) {
    this.#client = client;
    this.#depth = depth;
  }

  /** Carries `work` out between BEGIN and COMMIT. */
  static async run<Result>(client: PoolClient, work: (inner: Queryable) => Promise<Result>): Promise<Result> {
    await client.query('BEGIN');
    try {
      const result = await new Transaction(client, 1).#carryOut(work);
      const { command } = await client.query('COMMIT');
      if (command === 'ROLLBACK') {
        // The server is content with the end of a transaction that has failed, and keeps nothing of it.
        throw refused(
          'A statement in the transaction failed, so nothing of it was written.',
          'Pass its failure on, or carry it out in a transaction within this one, which is rolled back alone.',
        );
      }
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
    this.#assertOpen();
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

  async #carryOut<Result>(work: (inner: Queryable) => Promise<Result>): Promise<Result> {
    try {
      return await work(this);
    } finally {
      this.#isOver = true;
      await this.#inner;
    }
  }

  #assertOpen(): void {
    if (this.#isOver) {
      throw refused('The transaction is over.', 'Wait for everything in it before its work returns or throws.');
    }
  }

  async #savepoint<Result>(work: (inner: Queryable) => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    const name = `level_${this.#depth}`;
    await this.#client.query(`SAVEPOINT ${name}`);
    try {
      const result = await new Transaction(this.#client, this.#depth + 1).#carryOut(work);
      await this.#client.query(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      await this.#client.query(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`).catch(() => {});
      throw error;
    }
  }
}

function refused(message: string, remedy: string): MayflyError {
  return new MayflyError('MAYFLY_STATE_REFUSED', { message, remedy, service: 'database', phase: 'run' });
}
