import { escapeLiteral } from 'pg';
import { faithfulText, type Baseline, type SequenceState, type TableState } from '../template/baseline.ts';
import type { WrittenRelation } from './examine.ts';

/** A page of Postgres, in bytes. Within one, rows stay in the order in which they were written. */
const page = 8_192;

/** How much a table may hold beyond its first rows and still be emptied row by row, in bytes. */
const slack = 2 * page;

/**
 * The statements that put back what was written, or `undefined` where that cannot be done exactly, or would take longer
 * than a fresh copy.
 *
 * Triggers and foreign keys are off meanwhile: what they would do was done, and undone, with the rest. A table that grew
 * is truncated, with all tables that refer to it, for the server insists on that; one that did not is emptied, which
 * is faster.
 */
export function undoStatements(
  baseline: Baseline,
  written: readonly WrittenRelation[],
  advanced: readonly SequenceState[],
): string | undefined {
  const tables = new Map(baseline.tables.map((table) => [table.oid, table]));
  if (!written.every(({ oid }) => isRestorable(tables.get(oid)))) {
    return undefined;
  }
  const grown = written.filter(({ oid, size }) => size > (tables.get(oid)?.rows === '' ? page : slack));
  const truncated = withReferrers(new Set(grown.map(({ oid }) => oid)), baseline.references);
  if (![...truncated].every((oid) => isRestorable(tables.get(oid)))) {
    return undefined;
  }
  const emptied = written.map(({ oid }) => oid).filter((oid) => !truncated.has(oid));
  const all = (oids: Iterable<number>): TableState[] => [...oids].flatMap((oid) => tables.get(oid) ?? []);
  const names = all(truncated).map(({ name }) => `ONLY ${name}`);
  return [
    `BEGIN; SET LOCAL session_replication_role = replica; ${faithfulText.replaceAll('SET ', 'SET LOCAL ')}`,
    ...(names.length === 0 ? [] : [`TRUNCATE ${names.join(', ')};`]),
    ...all(emptied).map(({ name }) => `DELETE FROM ONLY ${name};`),
    ...all([...truncated, ...emptied]).map(refill),
    ...advanced.map(({ name, value, isCalled }) => `SELECT setval(${escapeLiteral(name)}, ${value}, ${isCalled});`),
    'COMMIT',
  ].join('\n');
}

function isRestorable(table: TableState | undefined): boolean {
  return table !== undefined && table.rows !== null;
}

function refill({ name, columns, rows }: TableState): string {
  return rows === ''
    ? ''
    : `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM unnest(${escapeLiteral(rows ?? '')}::${name}[]);`;
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
