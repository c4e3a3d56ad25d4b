import pg, { type QueryResult } from 'pg';
import type { Proof } from '../registry/registry.ts';
import type { AdminConnection } from '../server/admin-connection.ts';
import type { Baseline, SequenceState } from '../template/baseline.ts';
import type { OpenSessions, SessionRow } from './open-sessions.ts';

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

function describeSessions(rows: readonly SessionRow[]): OpenSessions {
  return {
    sessions: rows.filter(({ here }) => here).map(({ name }) => name),
    beginning: rows.filter(({ here }) => !here).map(({ pid }) => pid),
  };
}
