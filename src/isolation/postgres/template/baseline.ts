import { escapeLiteral } from 'pg';
import type { AdminConnection } from '../server/admin-connection.ts';

/** What a copy of a template holds at first, as far as it can be put back. */
export interface Baseline {
  /** Each with its name as it stands in SQL, and the state in which copies receive it. */
  readonly sequences: readonly SequenceState[];
  readonly tables: readonly TableState[];
  /** Foreign keys: the first refers to the second, both by their number in the catalogue. */
  readonly references: readonly (readonly [from: number, to: number])[];
  /** What the server believes of the size of tables, and of their indexes and large values: after the table's number. */
  readonly estimates: readonly Estimate[];
  /** Whether there are functions that may leave something in a session that nothing but its end removes. */
  readonly isLasting: boolean;
}

/** `relpages`, `reltuples` and `relallvisible` of the relation with this number, which belongs to the table. */
export type Estimate = readonly [table: number, oid: number, pages: number, tuples: number, visible: number];

export interface SequenceState {
  readonly name: string;
  readonly value: string;
  readonly isCalled: boolean;
}

/** An ordinary table. */
export interface TableState {
  /** Its number in the catalogue, which copies keep. */
  readonly oid: number;
  /** As it stands in SQL. */
  readonly name: string;
  /** The columns that can be written, as they stand in SQL. */
  readonly columns: string;
  /** Its rows as an array of composite values in text; `''` for none, `null` where they cannot be put back. */
  readonly rows: string | null;
}

/** Of one table's rows, in bytes: to put back more than that is slower than a fresh copy. */
const largestTable = 64 * 1024;

/** Of one table that may hold so much, with what was deleted and what pages leave free. */
export const largestOnDisk: number = 4 * largestTable;

/** Names are written with their schema, and values as pg_dump writes them, so that they mean the same when read. */
export const faithfulText = `
  SET search_path = pg_catalog; SET DateStyle = ISO; SET IntervalStyle = postgres; SET extra_float_digits = 1;
  SET bytea_output = hex; SET TimeZone = 'UTC'; SET xmloption = content; SET row_security = off;`;

interface FoundTable extends Omit<TableState, 'rows'> {
  readonly size: number;
  /** Whether something would still happen on it while triggers are off. */
  readonly isActive: boolean;
}

/** Reads what there is in a template, from within. */
export async function readBaseline(
  admin: AdminConnection,
  { withRows }: { readonly withRows: boolean },
): Promise<Baseline> {
  await admin.query(faithfulText);
  const { rows: found } = await admin.query<FoundTable>(tablesQuery, []);
  const tables: TableState[] = [];
  for (const { size, isActive, ...table } of found) {
    tables.push({
      ...table,
      rows: !withRows || isActive || size > largestOnDisk ? null : await readRows(admin, table.name, size),
    });
  }
  const { rows: references } = await admin.query<{ from: number; to: number }>(
    `SELECT DISTINCT conrelid::int8::float AS from, confrelid::int8::float AS to FROM pg_constraint WHERE contype = 'f'`,
    [],
  );
  const { rows: lasting } = await admin.query<{ isLasting: boolean }>(lastingQuery, []);
  const { rows: estimates } = await admin.query<{ estimate: Estimate }>(estimatesQuery, []);
  return {
    tables,
    sequences: await readSequences(admin),
    references: references.map(({ from, to }) => [from, to]),
    estimates: estimates.map(({ estimate }) => estimate),
    isLasting: lasting[0]?.isLasting ?? true,
  };
}

/**
 * Functions that set settings of one's own (`app.tenant`, which is empty afterwards instead of absent), run what they put
 * together, or are in languages that remember. The numbers are those of set_config and setseed in bodies that are parsed.
 */
const lastingQuery = String.raw`
  SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND (
      l.lanname NOT IN ('sql', 'plpgsql')
      OR p.prosrc ~* '\y(set_config|setseed|load|execute)\y|\yset\s+((session|local)\s+)?("[^"]+"|\w+)\s*\.'
      OR to_jsonb(p) ->> 'prosqlbody' ~ ':funcid (2078|1599) '
      OR p.proconfig::text ~ '\w\.\w+=')) AS "isLasting"`;

const estimatesQuery = `
  WITH lasting AS (
    SELECT c.oid AS tbl, unnest(ARRAY[c.oid, nullif(c.reltoastrelid, 0)]) AS heap FROM pg_class c
    WHERE c.relkind = 'r' AND c.oid >= 16384)
  SELECT DISTINCT jsonb_build_array(l.tbl::int8, c.oid::int8, c.relpages, c.reltuples, c.relallvisible) AS estimate
  FROM lasting l LEFT JOIN pg_index i ON i.indrelid = l.heap JOIN pg_class c ON c.oid IN (l.heap, i.indexrelid)
  WHERE l.heap IS NOT NULL`;

const tablesQuery = `
  SELECT c.oid::int8::float AS oid, c.oid::regclass::text AS name, pg_relation_size(c.oid)::int8::float AS size,
    coalesce((SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), '') AS columns,
    EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgenabled IN ('A', 'R'))
      OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid AND ev_enabled IN ('A', 'R')) AS "isActive"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  ORDER BY c.oid`;

async function readRows(admin: AdminConnection, table: string, size: number): Promise<string | null> {
  if (size === 0) {
    return '';
  }
  const { rows } = await admin.query<{ rows: string | null }>(
    `SELECT CASE WHEN sum(octet_length(t::text)) <= ${largestTable} THEN array_agg(t)::text
       WHEN count(*) = 0 THEN '' END AS rows FROM ONLY ${table} AS t`,
  );
  return rows[0]?.rows ?? null;
}

async function readSequences(admin: AdminConnection): Promise<SequenceState[]> {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'S' ORDER BY oid`,
    [],
  );
  if (rows.length === 0) {
    return [];
  }
  const states = await admin.query<SequenceState>(sequencesQuery(rows.map(({ name }) => name)));
  return states.rows;
}

/** Asks for the state of sequences, in the order of their names here. */
export function sequencesQuery(names: readonly string[]): string {
  if (names.length === 0) {
    return 'SELECT WHERE false';
  }
  const selects = names.map(
    (name, index) =>
      `SELECT ${index} AS number, ${escapeLiteral(name)} AS name, last_value::text AS value, is_called AS "isCalled" FROM ${name}`,
  );
  return `SELECT name, value, "isCalled" FROM (${selects.join(' UNION ALL ')}) s ORDER BY number`;
}
