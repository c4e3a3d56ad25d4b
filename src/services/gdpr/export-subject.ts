import { z } from 'zod';
import type { SubjectId } from '../database/identifiers.ts';
import type { Queryable } from '../database/queryable.ts';
import { toCsv } from './csv.ts';
import { quoted, subjectColumn, type SubjectTable } from './subject-tables.ts';

/** Everything that is held of a person. */
export interface SubjectExport {
  /** The rows of each table, by its name. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** The same as text, together with whose it is and when it was read. Numbers are exact, however long. */
  readonly json: string;
  /** One CSV document for each table, by its name: RFC 4180, names first; empty where there are no rows. */
  readonly csv: Readonly<Record<string, string>>;
}

const exported = z.object({
  json: z.string(),
  texts: z.record(z.string(), z.array(z.record(z.string(), z.string().nullable()))),
});
const content = z.object({ tables: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))) });

/** Reads what every table holds of a person: one statement, so all of it is of one moment. */
export async function exportSubject(
  db: Queryable,
  tables: readonly SubjectTable[],
  subjectId: SubjectId,
): Promise<SubjectExport> {
  const each = (row: string): string =>
    tables
      .map((one, index) => {
        // A parameter for each, which has the type of the column.
        const whose = `${quoted(subjectColumn(one))} = $${index + 2}`;
        const rows = `SELECT json_agg(${row}) FROM ${quoted(one.table)} t WHERE ${whose}`;
        return `'${one.table}', coalesce((${rows}), '[]')`;
      })
      .join(', ');
  const asText = `(SELECT json_object_agg(key, value) FROM json_each_text(row_to_json(t)))`;
  const [found] = await db.select(
    exported,
    `SELECT json_build_object('subjectId', $1::uuid, 'exportedAt', now(), 'tables', json_build_object(${each('t')}))::text AS json,
       json_build_object(${each(asText)}) AS texts`,
    [subjectId, ...tables.map(() => subjectId)],
  );
  const { json, texts } = found as z.infer<typeof exported>;
  const csv = Object.entries(texts).map(([table, rows]) => [table, toCsv(rows)] as const);
  return { tables: content.parse(JSON.parse(json)).tables, json, csv: Object.fromEntries(csv) };
}
