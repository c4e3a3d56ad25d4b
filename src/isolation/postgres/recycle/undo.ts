import { createHash } from 'node:crypto';
import { escapeLiteral } from 'pg';
import type { Baseline, SequenceState, TableState } from '../template/baseline.ts';
import type { WrittenRelation } from './examine.ts';

/** A page of Postgres, in bytes. */
const page = 8_192;

/** How much a table may hold and still be emptied row by row, in bytes. */
const slack = 2 * page;

/** What puts back what was written, to be carried out one after the other. */
export interface Undo {
  /** Leaves the tables without rows, then gives their space back, which no transaction can contain. */
  readonly empty: readonly string[];
  /**
   * Puts rows and sequences back. Says how much of the tables' space was still in use, for somebody else's transaction
   * may keep the server from giving it back, and whether the rows are what they were.
   */
  readonly refill: string;
}

/**
 * Counts anew from here on: what was undone is written as well. Says first how many sessions there are, and how often
 * the catalogue was written to beyond what {@link undo} itself does to `pg_class`: autovacuum may have come and gone. `kept` is
 * the process of a session that goes on.
 */
export function countAnew(kept = 0): string[] {
  return [
    `EXECUTE mayfly_others (${kept})`,
    'EXECUTE mayfly_catalogue',
    'SELECT pg_stat_reset()',
    // What was read above would be taken for what there is, until the end of this message.
    'SELECT pg_stat_clear_snapshot()',
  ];
}

/**
 * The statements that put back what was written, or `undefined` where that cannot be done exactly, or would take longer
 * than a fresh copy.
 *
 * Triggers and foreign keys are off meanwhile: what they would do was done, and undone, with the rest. A table that grew
 * is truncated, with all tables that refer to it, for the server insists on that. One that did not is emptied and
 * vacuumed, which takes a third of the time. Deleting alone would take a twentieth; but what is left of deleted rows
 * fills pages, and once these are full the server makes room in them: a later row then comes before an earlier one.
 */
export function undo(
  baseline: Baseline,
  written: readonly WrittenRelation[],
  advanced: readonly SequenceState[],
): Undo | undefined {
  const tables = new Map(baseline.tables.map((table) => [table.oid, table]));
  const grown = written.filter(({ size }) => size > slack);
  const truncated = withReferrers(new Set(grown.map(({ oid }) => oid)), baseline.references);
  const oids = [...truncated, ...written.map(({ oid }) => oid).filter((oid) => !truncated.has(oid))];
  if (!oids.every((oid) => isRestorable(tables.get(oid)))) {
    return undefined;
  }
  const all = oids.flatMap((oid) => tables.get(oid) ?? []);
  const emptied = all.filter(({ oid }) => !truncated.has(oid)).map(({ name }) => name);
  const names = all.filter(({ oid }) => truncated.has(oid)).map(({ name }) => `ONLY ${name}`);
  const truncate = names.length === 0 ? [] : [`TRUNCATE ${names.join(', ')}`];
  const refilled = all.filter(({ rows }) => rows !== '');
  const empty = all.filter(({ rows }) => rows === '');
  return {
    empty: [
      ...(all.length === 0 ? [] : [[...truncate, ...emptied.map((name) => `DELETE FROM ONLY ${name}`)].join(';\n')]),
      ...(emptied.length === 0 ? [] : [`VACUUM (INDEX_CLEANUP ON, TRUNCATE ON, PARALLEL 0) ${emptied.join(', ')}`]),
    ],
    refill: [
      `SELECT ${sizeOf(all)} AS used`,
      ...refilled.map(refill),
      ...advanced.map(({ name, value, isCalled }) => `SELECT setval(${escapeLiteral(name)}, ${value}, ${isCalled})`),
      ...estimates(baseline, new Set(oids)),
      `SELECT ${[isReplica, `${sizeOf(empty)} = 0`, ...refilled.map(equals)].join(' AND ')} AS "isEqual"`,
    ].join(';\n'),
  };
}

/** Whether nothing else has happened on the tables meanwhile. */
const isReplica = `current_setting('session_replication_role') = 'replica'`;

/** In bytes. */
function sizeOf(tables: readonly TableState[]): string {
  const oids = tables.map(({ oid }) => oid).join(',');
  return `(SELECT coalesce(sum(pg_relation_size(oid)), 0)::int8::float FROM unnest('{${oids}}'::oid[]) oid)`;
}

function isRestorable(table: TableState | undefined): boolean {
  // Rows without columns cannot be written in SQL but one by one.
  return table !== undefined && table.rows !== null && (table.columns !== '' || table.rows === '');
}

function refill({ name, columns, rows }: TableState): string {
  const values = `unnest(${escapeLiteral(rows ?? '')}::${name}[])`;
  return `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${values}`;
}

/** Generated columns, for one, are what a function makes of the others now: it may say something else than it did. */
function equals({ name, rows }: TableState): string {
  const digest = createHash('md5')
    .update(rows ?? '')
    .digest('hex');
  return `md5(convert_to(coalesce((SELECT array_agg(t)::text FROM ONLY ${name} AS t), ''), 'UTF8')) = '${digest}'`;
}

/** By these the server chooses how to carry out a query, and with that the order of rows that nobody asked for. */
function estimates({ estimates: all }: Baseline, oids: ReadonlySet<number>): string[] {
  const values = all.filter(([table]) => oids.has(table)).map(([, ...estimate]) => `(${estimate.join(', ')})`);
  return values.length === 0
    ? []
    : [
        `UPDATE pg_class c SET relpages = v.pages, reltuples = v.tuples, relallvisible = v.visible
        FROM (VALUES ${values.join(', ')}) v (oid, pages, tuples, visible)
        WHERE c.oid = v.oid AND (c.relpages, c.reltuples, c.relallvisible) IS DISTINCT FROM (v.pages, v.tuples::float4, v.visible)`,
      ];
}

/** With every table that refers to one of them, directly or by way of others. */
function withReferrers(oids: Set<number>, references: Baseline['references']): Set<number> {
  const all = new Set(oids);
  for (let before = -1; before !== all.size;) {
    before = all.size;
    for (const [from, to] of references) {
      if (all.has(to)) {
        all.add(from);
      }
    }
  }
  return all;
}
