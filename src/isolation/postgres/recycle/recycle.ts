import { pollUntilReady } from '../../../service/poll.ts';
import type { AdminConnection } from '../admin-connection.ts';
import type { Proof, RegisteredDatabase } from '../registry.ts';
import type { Baseline } from '../template/baseline.ts';
import { examine, type Examination } from './examine.ts';
import { undo, type Undo } from './undo.ts';

/** What became of a database that was returned. */
export interface Recycled {
  /** Whether it equals a fresh copy now, and if so, what proves it. */
  readonly proof: Proof | undefined;
  /** `untouched` or `undone`, or why it does not. */
  readonly outcome: RecycleOutcome;
  /** The sessions that had been left open. */
  readonly leftover: readonly string[];
}

export type RecycleOutcome =
  'untouched' | 'undone' | 'structure changed' | 'settings changed' | 'too much written' | 'somebody was connecting';

/** For how many looks sessions that are beginning are waited for. A client may take a minute to say its password. */
const looksForBeginning = 50;

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
  const { found, leftover } = await lookWhenQuiet(() => examine(inside, database, baseline), signal);
  const end = (outcome: RecycleOutcome, proven?: Proof): Recycled => ({ outcome, proof: proven, leftover });

  if (found.beginning.length > 0) {
    return end('somebody was connecting');
  }
  const isAsItWas = found.proof.settings === proof?.settings && found.proof.counting === proof.counting;
  if (found.isInDoubt || !found.isCounted || !isAsItWas) {
    return end('settings changed');
  }
  const tables = new Set(baseline.tables.map(({ oid }) => oid));
  if (found.advanced === undefined || !found.written.every(({ oid }) => tables.has(oid))) {
    return end('structure changed');
  }
  if (found.written.length === 0 && found.advanced.length === 0) {
    return end('untouched', found.proof);
  }
  const statements = undo(baseline, found.written, found.advanced);
  if (statements === undefined || !(await carryOut(inside, statements))) {
    return end('too much written');
  }
  const after = await examine(inside, database, baseline);
  const isClean = after.sessions.length + after.written.length === 0 && after.advanced?.length === 0;
  return isClean && after.proof.settings === proof.settings ? end('undone', after.proof) : end('too much written');
}

/** Looks until every session has ended that might still write, and those have begun that might still come. */
async function lookWhenQuiet(
  look: () => Promise<Examination>,
  signal: AbortSignal,
): Promise<{ found: Examination; leftover: readonly string[] }> {
  const leftover = new Set<string>();
  let beginning: readonly number[] | undefined;
  let looks = 0;
  const lookAgain = async (): Promise<Examination> => {
    const seen = await look();
    looks += 1;
    seen.sessions.filter((name) => name !== null).forEach((name) => leftover.add(name));
    // Whoever begins later has to know the new password.
    beginning = seen.beginning.filter((pid) => beginning?.includes(pid) ?? true);
    if (seen.sessions.length > 0 || (beginning.length > 0 && looks < looksForBeginning)) {
      throw new StillOpen();
    }
    return { ...seen, beginning };
  };
  const onFailure = (error: unknown): void => {
    if (!(error instanceof StillOpen)) {
      throw error;
    }
  };
  const found = await pollUntilReady(lookAgain, { signal, onFailure });
  return { found, leftover: [...leftover] };
}

class StillOpen extends Error {}

/** Whether all rows are what they were, and as they were. */
async function carryOut(inside: AdminConnection, { empty, used, refill }: Undo): Promise<boolean> {
  for (const statement of empty) {
    await inside.query(statement);
  }
  // Somebody else's transaction may keep the server from giving space back.
  const { rows: sizes } = await inside.query<{ used: number }>(used, []);
  if (sizes[0]?.used !== 0) {
    return false;
  }
  const client = await inside.connect();
  const answers = (await client.query(`${refill}; SELECT pg_stat_force_next_flush()`)) as unknown as {
    rows: { isEqual?: boolean }[];
  }[];
  // Counted from here on: what was undone is written as well.
  await inside.query('SELECT pg_stat_reset()');
  return answers.some(({ rows }) => rows[0]?.isEqual === true);
}
