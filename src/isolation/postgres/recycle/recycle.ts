import { pollUntilReady } from '../../../service/poll.ts';
import type { AdminConnection } from '../admin-connection.ts';
import type { Proof, RegisteredDatabase } from '../registry.ts';
import type { Baseline } from '../template/baseline.ts';
import { examine, type Examination } from './examine.ts';
import { undoStatements } from './undo.ts';

/** What became of a database that was returned. */
export interface Recycled {
  /** Whether it equals a fresh copy now, and if so, what proves it. */
  readonly proof: Proof | undefined;
  /** `untouched` or `undone`, or why it does not. */
  readonly outcome: RecycleOutcome;
  /** The sessions that had been left open. */
  readonly leftover: readonly string[];
}

export type RecycleOutcome = 'untouched' | 'undone' | 'structure changed' | 'settings changed' | 'too much written';

/**
 * Brings a database back to what a fresh copy is, if that can be done exactly. Nobody else can begin a session on it
 * meanwhile: the caller has seen to that.
 */
export async function recycle(
  inside: AdminConnection,
  { database, proof }: RegisteredDatabase,
  baseline: Baseline,
  signal: AbortSignal,
): Promise<Recycled> {
  const leftover: string[] = [];
  const look = async (): Promise<Examination> => {
    const seen = await examine(inside, database, baseline);
    if (seen.sessions.length > 0) {
      leftover.push(...seen.sessions);
      throw new Error(`${seen.sessions.length} sessions are still open`);
    }
    return seen;
  };
  const end = (outcome: RecycleOutcome, proven?: Proof): Recycled => ({
    outcome,
    proof: proven,
    leftover: [...new Set(leftover)],
  });

  const found = await pollUntilReady(look, { signal });
  if (found.isInDoubt || found.proof.settings !== proof?.settings || found.proof.counting !== proof.counting) {
    return end('settings changed');
  }
  if (found.written.length === 0 && found.advanced.length === 0) {
    return end('untouched', found.proof);
  }
  const tables = new Set(baseline.tables.map(({ oid }) => oid));
  if (!found.written.every(({ oid }) => tables.has(oid))) {
    return end('structure changed');
  }
  const statements = undoStatements(baseline, found.written, found.advanced);
  if (statements === undefined) {
    return end('too much written');
  }
  await inside.query(`${statements}; SELECT pg_stat_force_next_flush()`);
  // Counted from here on: what was undone is written as well.
  await inside.query('SELECT pg_stat_reset()');
  const after = await examine(inside, database, baseline);
  const isClean = after.sessions.length + after.written.length + after.advanced.length === 0;
  return isClean && after.proof.settings === proof.settings ? end('undone', after.proof) : end('too much written');
}
