import pg, { escapeLiteral, type QueryResult } from 'pg';
import type { PostgresDetails } from '../../../connection/details.ts';
import { proofColumns, proofTables } from '../database/proof-query.ts';
import type { Proof } from '../registry/registry.ts';
import { connectAdmin, type AdminConnection } from '../server/admin-connection.ts';
import { sequencesQuery, type Baseline, type SequenceState } from '../template/baseline.ts';
import { beginningQuery, sessionsQuery, type OpenSessions, type SessionRow } from './open-sessions.ts';

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
  /** What the statements gave that were carried out first, in the same message. */
  readonly before: Readonly<Record<string, unknown>>;
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
  readonly kept?: number | undefined;
  /** Whether sessions that are still open are ended; they are where nothing is said. */
  readonly end?: boolean;
}

type ProofRow = Proof & Pick<Examination, 'isInDoubt' | 'isCounted'>;

/**
 * Asks a database, from within, what was written to it, in one message. `after` are statements that come first in it.
 *
 * The counts of a session are complete before it disappears from the list of sessions: so the list is read first, and
 * where it is not empty the counts may be too small (PostgreSQL 15 and newer, src/backend/utils/activity/pgstat.c). They
 * include what was rolled back and every write to the catalogue; what they leave out are sequences, and what is kept
 * outside the database, which are compared themselves.
 */
export async function examine(
  inside: AdminConnection,
  { baseline, kept = 0, end = true }: ExamineOptions,
  after: readonly string[] = [],
): Promise<Examination> {
  const statements = [
    ...after,
    'EXECUTE mayfly_beginning',
    `EXECUTE mayfly_sessions (${kept}, ${end})`,
    'EXECUTE mayfly_proof',
  ];
  const all = [...statements, 'EXECUTE mayfly_written', 'EXECUTE mayfly_sequences'];
  try {
    return describe(baseline, after.length, await inside.queryAll(all.join(';')));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) {
      throw error;
    }
    const answers = await inside.queryAll(all.slice(0, -1).join(';'));
    return { ...describe(baseline, after.length, answers), advanced: undefined };
  }
}

/** A connection to a database by which it can be examined: what is asked again and again is prepared. */
export function connectInside(server: PostgresDetails, database: string, { sequences }: Baseline): AdminConnection {
  const name = escapeLiteral(database);
  return connectAdmin(server, database, [
    // What a test has named like something of ours is not meant, and a lock that nobody gives back is not waited for.
    'SET search_path = pg_catalog; SET lock_timeout = 1000',
    `PREPARE mayfly_beginning AS ${beginningQuery}`,
    `PREPARE mayfly_sessions (int, boolean) AS ${sessionsQuery(name)}`,
    `PREPARE mayfly_proof AS SELECT ${proofColumns.replaceAll('$1', () => name)},
      EXISTS (SELECT FROM pg_prepared_xacts WHERE database = ${name}) AS "isInDoubt",
      current_setting('track_counts')::boolean AS "isCounted"
      FROM ${proofTables.replaceAll('$1', () => name)}`,
    `PREPARE mayfly_written AS ${writtenQuery}`,
    // One that has gone, with what it counted for, is noticed by its absence.
    `PREPARE mayfly_sequences AS ${sequencesQuery(sequences.map((sequence) => sequence.name))}`,
  ]);
}

function describe({ sequences }: Baseline, before: number, answers: readonly QueryResult[]): Examination {
  const rows = answers.map((answer): readonly unknown[] => answer.rows);
  const [, sessions, proofs, written, states] = rows.slice(before);
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
    before: Object.assign({}, ...rows.slice(0, before).map(([row]) => row)) as Readonly<Record<string, unknown>>,
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
