import type { AdminConnection } from '../admin-connection.ts';
import { proofColumns, proofTables } from '../database/proof-query.ts';
import type { Proof } from '../registry.ts';
import { sequencesQuery, type Baseline, type SequenceState } from '../template/baseline.ts';

/** What a database that was used looks like, compared with a fresh copy. */
export interface Examination {
  /** The sessions that were still open, and are being ended: who they said they are. */
  readonly sessions: readonly string[];
  readonly proof: Proof;
  /** The relations that were written to, whether or not anything of it is left. */
  readonly written: readonly WrittenRelation[];
  /** The sequences that are not as they were. */
  readonly advanced: readonly SequenceState[];
  /** Whether there are transactions that were prepared and not ended. */
  readonly isInDoubt: boolean;
}

export interface WrittenRelation {
  /** Its number in the catalogue. */
  readonly oid: number;
  /** Of the relation and of its large values, in bytes. */
  readonly size: number;
}

/**
 * Asks a database, from within, what was written to it, in one message.
 *
 * The counts of a session are complete before it disappears from the list of sessions: so the list is read first, and
 * where it is not empty the counts may be too small (PostgreSQL 15 and newer, src/backend/utils/activity/pgstat.c). They
 * include what was rolled back and every write to the catalogue; what they leave out are sequences, and what is kept
 * outside the database, which are compared themselves.
 *
 * The lock is that of sessions that are about to begin and are not in the list yet.
 */
export async function examine(admin: AdminConnection, database: string, baseline: Baseline): Promise<Examination> {
  const names = baseline.sequences.map(({ name }) => name);
  const name = `'${database}'`;
  const client = await admin.connect();
  const answers = (await client.query(
    [
      `SELECT application_name, pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = ${name} AND pid <> pg_backend_pid()
        UNION ALL
        SELECT 'a session that was beginning', pg_terminate_backend(l.pid)
        FROM pg_locks l JOIN pg_database d ON l.objid = d.oid AND l.classid = 'pg_database'::regclass
        WHERE l.locktype = 'object' AND d.datname = ${name} AND l.pid <> pg_backend_pid()`,
      `SELECT ${proofColumns.replaceAll('$1', name)},
        EXISTS (SELECT FROM pg_prepared_xacts WHERE database = ${name}) AS "isInDoubt"
        FROM ${proofTables.replaceAll('$1', name)}`,
      // What is written to the large values of a table is written to the table.
      `SELECT coalesce(o.oid, c.oid)::int8::float AS oid, sum(pg_relation_size(c.oid))::float AS size
        FROM pg_class c LEFT JOIN pg_class o ON o.reltoastrelid = c.oid
        WHERE c.relkind IN ('r', 'm', 't', 'p') AND NOT c.relisshared AND
          pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0
        GROUP BY 1`,
      ...(names.length === 0 ? [] : [sequencesQuery(names)]),
    ].join(';'),
  )) as unknown as readonly { readonly rows: readonly unknown[] }[];
  const [sessions, proofs, written, sequences] = answers.map(({ rows }) => rows);
  const proof = proofs?.[0] as Proof & { readonly isInDoubt: boolean };
  const now = (sequences ?? []) as readonly SequenceState[];
  return {
    sessions: (sessions as { application_name: string }[]).map((session) => session.application_name),
    proof: { settings: proof.settings, counting: proof.counting },
    written: written as readonly WrittenRelation[],
    advanced: baseline.sequences.filter(
      ({ value, isCalled }, index) => now[index]?.value !== value || now[index].isCalled !== isCalled,
    ),
    isInDoubt: proof.isInDoubt,
  };
}
