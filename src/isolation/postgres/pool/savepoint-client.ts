import pg, { type QueryResult, type Submittable } from 'pg';

type Callback = (error: Error | null, result?: QueryResult) => void;
type Statement = string | { readonly text: string };

const begin = /^\s*(begin|start\s+transaction)\b/i;
const commit = /^\s*(commit|end)\b(?!\s+prepared)/i;
const rollback = /^\s*(rollback|abort)\b(?!\s+(to|prepared)\b|\s+(work|transaction)\s+to\b)/i;

/**
 * A client whose every statement runs inside one transaction that somebody else ends: BEGIN sets a savepoint, COMMIT
 * releases it, ROLLBACK goes back to it. A statement that fails outside of these undoes itself alone, as it would
 * without a transaction around it.
 */
export class SavepointClient extends pg.Client {
  #depth = 0;
  #isInTransaction = false;
  #last: Promise<unknown> = Promise.resolve();

  /** Begins the transaction, and says by which number the server knows it. */
  async beginAll(): Promise<string> {
    await super.query('BEGIN');
    const { rows } = await super.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
    this.#depth = 0;
    this.#isInTransaction = true;
    return rows[0]?.id ?? '';
  }

  /** Carries out statements outside of savepoints: those that end the transaction, and what follows. */
  async queryRaw(text: string): Promise<QueryResult[]> {
    await this.#last;
    const results = (await super.query(text)) as unknown as QueryResult | QueryResult[];
    return [results].flat();
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
    own.then(
      (result) => callback(null, result),
      (error: Error) => callback(error),
    );
    return undefined as never;
  }

  #send(parameters: unknown[]): unknown {
    return (super.query as (...all: unknown[]) => unknown).apply(this, parameters);
  }

  async #run(statement: Statement, values: unknown[] | undefined): Promise<QueryResult> {
    const text = typeof statement === 'string' ? statement : statement.text;
    if (begin.test(text)) {
      this.#depth += 1;
      return super.query(`SAVEPOINT mayfly_${this.#depth}`);
    }
    if (this.#depth > 0 && (commit.test(text) || rollback.test(text))) {
      return this.#endInner(commit.test(text));
    }
    if (commit.test(text) || rollback.test(text)) {
      // Without a transaction of the user's own there is nothing to end; the server would warn.
      return super.query('SELECT WHERE false');
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
      await super.query('RELEASE mayfly');
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
