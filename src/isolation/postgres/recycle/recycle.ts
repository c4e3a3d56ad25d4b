import { pollUntilFound } from '../../../service/poll.ts';
import type { Proof, RegisteredDatabase } from '../registry/registry.ts';
import { ownApplication } from '../server/admin-config.ts';
import type { AdminConnection } from '../server/admin-connection.ts';
import type { Baseline } from '../template/baseline.ts';
import { examine, type Examination } from './examine.ts';
import { countAnew, undo, type Undo } from './undo.ts';

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
 * For how many looks sessions that are beginning are waited for. It takes the server no time once the client has said its
 * password; one that takes longer to say it is turned away, for its user has another name by then.
 */
/** For how many looks sessions may end by themselves: a pool says that it has ended before its connections have. */
const looksForEnding = 40;

const looksForBeginning = 20;

/** What a database is compared with, and how. */
export interface RecycleOptions {
  readonly baseline: Baseline;
  /** The server's process for a session that goes on, and that nobody uses meanwhile. */
  readonly kept: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Brings a database back to what a fresh copy is, if that can be done exactly. Nobody else can begin a session on it
 * meanwhile: the caller has seen to that.
 */
export async function recycle(
  inside: AdminConnection,
  { proof }: Pick<RegisteredDatabase, 'proof'>,
  { baseline, kept, signal }: RecycleOptions,
): Promise<Recycled> {
  const look = (end: boolean): Promise<Examination> => examine(inside, { baseline, kept, end });
  const { found, leftover } = await lookWhenQuiet(look, signal);
  const end = (outcome: RecycleOutcome, proven?: Proof): Recycled => ({ outcome, proof: proven, leftover });

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
  const after = await examine(inside, { baseline, kept }, countAnew(kept));
  const others = Number(after.before['sessions']) + Number(after.before['catalogue']) + after.sessions.length;
  const isClean = others + after.written.length === 0 && after.advanced?.length === 0;
  return isClean && after.proof.settings === proof.settings ? end('undone', after.proof) : end('too much written');
}

/** Looks until every session has ended that might still write, and those have begun that might still come. */
async function lookWhenQuiet(
  look: (end: boolean) => Promise<Examination>,
  signal: AbortSignal,
): Promise<{ found: Examination; leftover: readonly string[] }> {
  const leftover = new Set<string>();
  let beginning: readonly number[] | undefined;
  let looks = 0;
  const lookAgain = async (): Promise<Examination | undefined> => {
    const isPatient = looks < looksForEnding;
    const seen = await look(!isPatient);
    looks += 1;
    // Another process of ours may have kept its connection from when it had the database.
    const others = seen.sessions.filter((name): name is string => name !== null && name !== ownApplication);
    if (!isPatient) {
      others.forEach((name) => leftover.add(name));
    }
    // Whoever begins later has to know the new password.
    beginning = seen.beginning.filter((pid) => beginning?.includes(pid) ?? true);
    const isQuiet = seen.sessions.length === 0 && (beginning.length === 0 || looks >= looksForBeginning);
    return isQuiet ? { ...seen, beginning } : undefined;
  };
  const found = await pollUntilFound(lookAgain, signal);
  return { found, leftover: [...leftover] };
}

/** Whether all rows are what they were, and as they were. What was undone has been counted then. */
async function carryOut(inside: AdminConnection, { empty, refill }: Undo): Promise<boolean> {
  for (const statement of empty) {
    await inside.query(statement);
  }
  const answers = await inside.queryAll(`${refill}; SELECT pg_stat_force_next_flush()`);
  const said = Object.assign({}, ...answers.map(({ rows: [row] }): unknown => row)) as CarriedOut;
  return said.used === 0 && said.isEqual;
}

interface CarriedOut {
  /** How much of the tables' space was not given back, in bytes. */
  readonly used: number;
  readonly isEqual: boolean;
}
