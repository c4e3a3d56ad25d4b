import { z } from 'zod';

/** A table that holds data of people: what is exported of it, and what becomes of it when one is erased. */
export interface SubjectTable {
  /** In lower case, with its schema where that is not on the search path. */
  readonly table: string;
  /** The column with the subject's identifier; `subject_id` where it is left out. It becomes null on erasure. */
  readonly subject?: string | undefined;
  /** The columns with data of the person, and what stands in them after an erasure. */
  readonly erase: Readonly<Record<string, string | number | boolean | null>>;
  /** Which rows the law keeps. */
  readonly retention?: LegalRetention | undefined;
  /** `true` for what proves that the person was answered: it is exported, and nothing of it is erased. */
  readonly isProof?: boolean | undefined;
}

/** Rows that may not be made anonymous yet. */
export interface LegalRetention {
  /** Until when, as an SQL expression on the row; null for a row that the law does not keep. */
  readonly until: string;
  /** Columns beside the subject's that are left as they are. All other columns under `erase` are erased even so. */
  readonly keeps?: readonly string[] | undefined;
  /** In words: which law. */
  readonly reason: string;
}

const column = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'expected the name of a column in lower case');

export const subjectTable: z.ZodType<SubjectTable> = z.strictObject({
  table: z.string().regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/, 'expected the name of a table in lower case'),
  subject: column.optional(),
  erase: z.record(column, z.union([z.string(), z.number(), z.boolean(), z.null()])),
  retention: z
    .strictObject({ until: z.string().min(1), keeps: z.array(column).optional(), reason: z.string().min(1) })
    .optional(),
  isProof: z.boolean().optional(),
});

/** The tables of the bundled services that hold data of people. */
export const bundledTables: readonly SubjectTable[] = [
  {
    table: 'transactions',
    erase: { email: null },
    retention: {
      until: `CASE WHEN status IN ('completed', 'refunded') THEN coalesce(completed_at, created_at) + interval '7 years' END`,
      reason: 'accounting records are kept for 7 years',
    },
  },
  { table: 'registrations', erase: { name: null, email: null, dietary_restrictions: null } },
  {
    table: 'processing_records',
    erase: {},
    retention: {
      until: `CASE WHEN legal_basis = 'legal_obligation' THEN retained_until END`,
      reason: 'the data is processed because a law demands it',
    },
  },
  { table: 'data_requests', erase: {}, isProof: true },
];

/** The column by which rows are a person's. */
export function subjectColumn({ subject = 'subject_id' }: SubjectTable): string {
  return subject;
}

/** A name as it stands in SQL, even where it is a reserved word. */
export function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}
