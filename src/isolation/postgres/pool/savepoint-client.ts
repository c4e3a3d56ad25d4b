import { randomBytes } from 'node:crypto';
import pg, { type QueryResult, type Submittable } from 'pg';
import { callBack } from './call-back.ts';
import { transactionStatement } from './transaction-statement.ts';

type Callback = (error: Error | null, result: QueryResult) => void;
type Statement = string | { readonly text: string };

/**
 * A client whose every statement runs inside one transaction that somebody else ends: BEGIN sets a savepoint, COMMIT
 * releases it, ROLLBACK goes back to it. A statement that fails outside of these undoes itself alone, as it would
 * without a transaction around it.
 */
export class SavepointClient extends pg.Client {
  #depth = 0;
  /** The savepoint that the transaction begins with. */
  #mark = '';
  #isInTransaction = false;
  /** Ended from within: what follows is carried out as in any other session. */
  #isEnded = false;
  #last: Promise<unknown> = Promise.resolve();

  /** Begins the transaction. */
  async beginAll(): Promise<void> {
    this.#mark = `mayfly_${randomBytes(8).toString('hex')}`;
    await super.query(`BEGIN; SAVEPOINT ${this.#mark}`);
    this.#depth = 0;
    this.#isEnded = false;
    this.#isInTransaction = true;
  }

  /**
   * Rolls the transaction back; fails where it is not the one that was begun, because that was ended from within: then
   * its savepoint, whose name nobody knows, has gone with it.
   */
  async rollBackAll(): Promise<void> {
    await this.#last;
    this.#isInTransaction = false;
    await super.query(`ROLLBACK TO ${this.#mark}`);
    await super.query('ROLLBACK');
  }

  /** Carries out statements outside of savepoints. */
  async queryRaw(text: string): Promise<QueryResult[]> {
    const results = (await super.query(text)) as unknown as QueryResult | QueryResult[];
    return [results].flat();
  }

  /** Forgets the statements that were prepared by name, as the server is to. */
  forgetPrepared(): void {
    const { connection } = this as unknown as { connection: { parsedStatements: object } };
    connection.parsedStatements = {};
  }

  // The overloads of the base class say what it gives back.
  override query(...parameters: unknown[]): never {
    const [statement, values] = parameters as [Statement | Submittable, unknown];
    if (!this.#isInTransaction || (typeof statement === 'object' && 'submit' in statement)) {
      return this.#send(parameters) as never;
    }
    const callback = parameters.find((parameter) => typeof parameter === 'function') as Callback | undefined;
    const own = this.#last.then(() => this.#run(statement, Array.isArray(values) ? values : undefined));
    this.#last = own.catch(() => {});
    if (callback === undefined) {
      return own as never;
    }
    callBack(own, callback);
    return undefined as never;
  }

  #send(parameters: unknown[]): unknown {
    return (super.query as (...all: unknown[]) => unknown).apply(this, parameters);
  }

  async #run(statement: Statement, values: unknown[] | undefined): Promise<QueryResult> {
    if (this.#isEnded || this.getTransactionStatus() === 'I') {
      this.#isEnded = true;
      return this.#query(statement, values);
    }
    const kind = transactionStatement(typeof statement === 'string' ? statement : statement.text);
    if (kind === 'begin') {
      this.#depth += 1;
      return super.query(`SAVEPOINT mayfly_${this.#depth}`);
    }
    if (kind !== undefined) {
      // Without a transaction of the user's own there is nothing to end; the server would warn.
      return this.#depth > 0 ? this.#endInner(kind === 'commit') : super.query('SELECT WHERE false');
    }
    return this.#depth > 0 ? this.#query(statement, values) : this.#queryAlone(statement, values);
  }

  async #endInner(isCommit: boolean): Promise<QueryResult> {
    const savepoint = `mayfly_${this.#depth}`;
    this.#depth -= 1;
    // A transaction in which something failed is rolled back, whatever it is ended with.
    const hasFailed = this.getTransactionStatus() === 'E';
    return super.query(
      isCommit && !hasFailed ? `RELEASE ${savepoint}` : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`,
    );
  }

  async #queryAlone(statement: Statement, values: unknown[] | undefined): Promise<QueryResult> {
    await super.query('SAVEPOINT mayfly');
    try {
      const result = await this.#query(statement, values);
      if (this.getTransactionStatus() !== 'I') {
        await super.query('RELEASE mayfly');
      }
      return result;
    } catch (error) {
      await super.query('ROLLBACK TO mayfly; RELEASE mayfly').catch(() => {});
      throw error;
    }
  }

  #query(statement: Statement, values: unknown[] | undefined): Promise<QueryResult> {
    return this.#send(values === undefined ? [statement] : [statement, values]) as Promise<QueryResult>;
  }
}
