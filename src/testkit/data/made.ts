import { MayflyError } from '../../errors/mayfly-error.ts';
import type { Queryable } from '../../services/database/queryable.ts';
import type { Table } from './tables.ts';

/** Rows of one table that were written together. */
export interface MadeRows {
  readonly table: Table;
  readonly ids: readonly string[];
}

const foreignKeyViolation = '23503';

/** What was made, so that it can be taken away again in reverse. */
export class Made {
  #rows: MadeRows[] = [];

  add(rows: readonly MadeRows[]): void {
    this.#rows.push(...rows);
  }

  /**
   * Deletes all of it, what was made last first, or nothing. What is gone already is no failure, nor is a second call.
   * Entries of the audit log cannot be deleted, and stay.
   *
   * @throws MayflyError `MAYFLY_STATE_REFUSED` where rows of others refer to what was to be deleted.
   */
  async cleanup(db: Queryable): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    try {
      await db.transaction(async (tx) => {
        for (const { table, ids } of rows.toReversed()) {
          await tx.query(`DELETE FROM ${table} WHERE id = ANY($1::uuid[])`, [ids]);
        }
      });
    } catch (error) {
      this.#rows = [...rows, ...this.#rows];
      throw refusal(error);
    }
  }
}

function refusal(error: unknown): unknown {
  const { code, table = 'another table' } = error as { readonly code?: string; readonly table?: string };
  if (code !== foreignKeyViolation) {
    return error;
  }
  return new MayflyError('MAYFLY_STATE_REFUSED', {
    message: `What the factories made could not be deleted: rows of ${table} refer to it.`,
    remedy: 'Delete these first, or leave everything to the end of the lease.',
    service: 'testkit',
    phase: 'run',
    cause: error,
  });
}
