import pg, { escapeLiteral } from 'pg';
import type { AdminConnection } from '../admin-connection.ts';
import { proofColumns, proofTables } from '../database/proof-query.ts';
import type { Proof } from '../registry.ts';
import { sequencesQuery, type Baseline, type SequenceState } from '../template/baseline.ts';
import { openSessions, type OpenSessions, type SessionRow } from './open-sessions.ts';

/** What a database that was used looks like, compared with a fresh copy. */
export interface Examination extends OpenSessions {
  readonly proof: Proof;
  /** The relations that were written to, whether or not anything of it is left. */
  readonly written: readonly WrittenRelation[];
  /** The sequences that are not as they were; `undefined` where one has gone, or is locked. */
  readonly advanced: readonly SequenceState[] | undefined;
  /** Whether there are transactions that were prepared and not ended. */
  readonly isInDoubt: boolean;
  /** Whether the server counts what is written. */
  readonly isCounted: boolean;
}

export interface WrittenRelation {
  /** Its number in the catalogue. */
  readonly oid: number;
  /** Of the relation and of its large values, in bytes. */
  readonly size: number;
}

/** What a database is compared with. */
export interface ExamineOptions {
  readonly baseline: Baseline;
  /** The server's process for a session that goes on, and that nobody uses meanwhile. */
  readonly kept: number | undefined;
}

type ProofRow = Proof & Pick<Examination, 'isInDoubt' | 'isCounted'>;

/**
 * Asks a database, from within, what was written to it, in one message.
 *
 * The counts of a session are complete before it disappears from the list of sessions: so the list is read first, and
 * where it is not empty the counts may be too small (PostgreSQL 15 and newer, src/backend/utils/activity/pgstat.c). They
 * include what was rolled back and every write to the catalogue; what they leave out are sequences, and what is kept
 * outside the database, which are compared themselves.
 */
export async function examine(
  admin: AdminConnection,
  database: string,
  { baseline, kept }: ExamineOptions,
): Promise<Examination> {
  try {
    return await ask(admin, database, { baseline, kept });
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) {
      throw error;
    }
    const withoutSequences = { ...baseline, sequences: [] };
    return { ...(await ask(admin, database, { baseline: withoutSequences, kept })), advanced: undefined };
  }
}

async function ask(
  admin: AdminConnection,
  database: string,
  { baseline: { sequences }, kept }: ExamineOptions,
): Promise<Examination> {
  const name = escapeLiteral(database);
  const answers = await admin.queryAll(
    [
      // What a test has named like something of ours is not meant, and a lock that nobody gives back is not waited for.
      'SET search_path = pg_catalog; SET lock_timeout = 1000',
      ...openSessions(name, kept),
      `SELECT ${proofColumns.replaceAll('$1', () => name)},
        EXISTS (SELECT FROM pg_prepared_xacts WHERE database = ${name}) AS "isInDoubt",
        current_setting('track_counts')::boolean AS "isCounted"
        FROM ${proofTables.replaceAll('$1', () => name)}`,
      writtenQuery,
      ...(sequences.length === 0 ? [] : [sequencesQuery(sequences.map((sequence) => sequence.name))]),
    ].join(';'),
  );
  const [, , , sessions, proofs, written, states] = answers.map(({ rows }): readonly unknown[] => rows);
  const { isInDoubt, isCounted, ...proof } = (proofs as readonly [ProofRow])[0];
  const now = (states ?? []) as readonly SequenceState[];
  return {
    ...describeSessions(sessions as readonly SessionRow[]),
    proof,
    isInDoubt,
    isCounted,
    written: written as readonly WrittenRelation[],
    advanced: sequences.filter(
      ({ value, isCalled }, index) => now[index]?.value !== value || now[index].isCalled !== isCalled,
    ),
  };
}

/**
 * Whatever is written to the large values of a table is written to the table. VACUUM writes nothing that is counted, and
 * moves no row, but later rows may then lie before earlier ones.
 */
const writtenQuery = `
  SELECT coalesce(o.oid, c.oid)::int8::float AS oid, sum(pg_relation_size(c.oid))::float AS size
  FROM pg_class c LEFT JOIN pg_class o ON o.reltoastrelid = c.oid
  WHERE c.relkind IN ('r', 'm', 't', 'p') AND NOT c.relisshared AND (
    pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0
    OR c.oid >= 16384 AND pg_stat_get_vacuum_count(c.oid) + pg_stat_get_autovacuum_count(c.oid) > 0)
  GROUP BY 1`;

function describeSessions(rows: readonly SessionRow[]): OpenSessions {
  return {
    sessions: rows.filter(({ here }) => here).map(({ name }) => name),
    beginning: rows.filter(({ here }) => !here).map(({ pid }) => pid),
  };
}
