import type { QueryResultRow } from 'pg';
import type { z } from 'zod';

/** Where statements can be carried out: on the database at large, or within a transaction. */
export interface Queryable {
  /** The rows of one statement. */
  query<Row extends QueryResultRow = QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * The rows of one statement as the model has them.
   *
   * @throws MayflyError `MAYFLY_ROW_UNEXPECTED` where a row does not fit: the database has changed and the model has not.
   */
  select<Model extends z.ZodType>(model: Model, text: string, values?: readonly unknown[]): Promise<z.output<Model>[]>;
  /**
   * Carries `work` out in a transaction, which is rolled back when it throws. Within a transaction it is a savepoint.
   * Statements of the inner and the outer one cannot be mixed: the outer one waits.
   *
   * @throws MayflyError `MAYFLY_STATE_REFUSED` where a statement failed and `work` did not throw, so that nothing could be
   *   committed; and to whoever uses `inner` after `work` has ended.
   */
  transaction<Result>(work: (inner: Queryable) => Promise<Result>): Promise<Result>;
}
