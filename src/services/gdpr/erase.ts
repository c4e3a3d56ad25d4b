import { z } from 'zod';
import type { SubjectId } from '../database/identifiers.ts';
import type { Queryable } from '../database/queryable.ts';
import type { ErasedRows, RetainedRows } from './models.ts';
import { quoted, subjectColumn, type SubjectTable } from './subject-tables.ts';

/** What an erasure did. */
export interface Erasure {
  readonly erased: readonly ErasedRows[];
  readonly retained: readonly RetainedRows[];
}

const counts = z.object({ rows: z.int(), retained: z.int(), until: z.date().nullable() });

/**
 * Makes a person anonymous in every table, within a transaction. Rows that the law keeps still carry the subject's
 * identifier, and what else it says to keep. Whoever erases the same person meanwhile waits for each row, and finds it done.
 */
export async function erase(tx: Queryable, tables: readonly SubjectTable[], subjectId: SubjectId): Promise<Erasure> {
  const erased: ErasedRows[] = [];
  const retained: RetainedRows[] = [];
  for (const one of tables.filter(({ isProof }) => isProof !== true)) {
    const { table, retention } = one;
    const subject = subjectColumn(one);
    const keeps = retention?.keeps ?? [];
    const found = await eraseFrom(tx, one, subjectId);
    const columns = [...Object.keys(one.erase), subject];
    const always = columns.filter((column) => column !== subject && !keeps.includes(column));
    const rows = always.length > 0 ? found.rows : found.rows - found.retained;
    if (rows > 0) {
      erased.push({ table, rows, columns: found.rows > found.retained ? columns : always });
    }
    if (retention !== undefined && found.until !== null) {
      const { reason } = retention;
      retained.push({ table, rows: found.retained, columns: [subject, ...keeps], until: found.until, reason });
    }
  }
  return { erased, retained };
}

async function eraseFrom(tx: Queryable, one: SubjectTable, subjectId: SubjectId): Promise<z.infer<typeof counts>> {
  const subject = subjectColumn(one);
  const until = one.retention === undefined ? 'NULL::timestamptz' : `(${one.retention.until})`;
  const keeps = [subject, ...(one.retention?.keeps ?? [])];
  const replaced: [column: string, value: unknown][] = [...Object.entries(one.erase), [subject, null]];
  const assignments = replaced.map(([column], index) => {
    const value = `$${index + 2}`;
    const name = quoted(column);
    // Without the column as the other branch, the server would not know which type the parameter has.
    return keeps.includes(column)
      ? `${name} = CASE WHEN ${until} > now() THEN ${name} ELSE ${value} END`
      : `${name} = ${value}`;
  });
  // First, and locked: what is erased may be what the law goes by.
  const [found] = await tx.select(
    counts,
    `SELECT count(*)::int AS rows, count(*) FILTER (WHERE until > now())::int AS retained,
       max(until) FILTER (WHERE until > now()) AS until
     FROM (SELECT ${until} AS until FROM ${quoted(one.table)} WHERE ${quoted(subject)} = $1 FOR NO KEY UPDATE) AS held`,
    [subjectId],
  );
  await tx.query(`UPDATE ${quoted(one.table)} SET ${assignments.join(', ')} WHERE ${quoted(subject)} = $1`, [
    subjectId,
    ...replaced.map(([, value]) => value),
  ]);
  return found as z.infer<typeof counts>;
}
