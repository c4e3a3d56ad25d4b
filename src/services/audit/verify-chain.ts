import { z } from 'zod';
import type { Queryable } from '../database/queryable.ts';

/**
 * What became of an entry. `changed`: it is not what was hashed. `missing`: there is none with this number. `reordered`: it
 * stands where another one stood. `truncated`: from here on there are none, though there were. `added`: the chain had ended
 * before it.
 */
const reasons = ['changed', 'missing', 'reordered', 'truncated', 'added'] as const;
export type BreakReason = (typeof reasons)[number];

/** Whether the chain is whole; where not, the first entry that is broken, and how. */
export type ChainVerdict =
  | { readonly valid: true; readonly entries: number }
  | { readonly valid: false; readonly sequence: number; readonly reason: BreakReason };

/** What one pass over the entries in their order finds, with what there is to know of the first that is broken. */
const findings = z.object({
  entries: z.int(),
  /** The number of the last entry; 0 where there is none. */
  last: z.int(),
  /** The number that the head of the chain has; -1 where that is gone. */
  head: z.int(),
  isHead: z.boolean(),
  broken: z.int().nullable(),
  /** The number of the entry before the broken one; 0 where there is none. */
  before: z.int(),
  isIntact: z.boolean().nullable(),
  follows: z.boolean().nullable(),
  /** Whether what the broken entry says that it follows on is there. */
  isElsewhere: z.boolean(),
  /** Whether the entry behind it, or the head, says that it follows on the broken one as it is now. */
  isConfirmed: z.boolean().nullable(),
});

const start = `decode(repeat('00', 32), 'hex')`;

/** One statement, so that entries and head are of the same moment while others write. */
const verification = `
  WITH ordered AS (
    SELECT sequence, previous, hash, audit.digest(e) AS digest, lag(sequence, 1, 0::bigint) OVER chain AS before,
      lag(hash, 1, ${start}) OVER chain AS expected
    FROM audit.entries e WINDOW chain AS (ORDER BY sequence)
  ), head AS (
    SELECT coalesce((SELECT sequence FROM audit.chain), -1) AS sequence, (SELECT hash FROM audit.chain) AS hash
  ), pass AS (
    SELECT count(*) AS entries, coalesce(max(sequence), 0) AS last, min(sequence) FILTER (WHERE sequence <> before + 1
      OR hash <> digest OR previous <> expected OR sequence > (SELECT sequence FROM head)) AS broken
    FROM ordered
  )
  SELECT entries::float8 AS entries, last::float8 AS last, head.sequence::float8 AS head,
    coalesce((SELECT hash FROM audit.entries WHERE sequence = last), ${start}) IS NOT DISTINCT FROM head.hash AS "isHead",
    broken::float8 AS broken, coalesce(p.sequence, 0)::float8 AS before, b.hash = audit.digest(b) AS "isIntact",
    b.previous = coalesce(p.hash, ${start}) AS follows,
    broken IS NOT NULL AND EXISTS (SELECT FROM audit.entries WHERE hash = b.previous) AS "isElsewhere",
    coalesce((SELECT previous FROM audit.entries WHERE sequence = broken + 1), head.hash) = b.hash AS "isConfirmed"
  FROM pass CROSS JOIN head
    LEFT JOIN audit.entries b ON b.sequence = broken
    LEFT JOIN audit.entries p ON p.sequence = (SELECT max(sequence) FROM audit.entries WHERE sequence < broken)`;

/** Recomputes the chain, in one pass. */
export async function verifyChain(db: Queryable): Promise<ChainVerdict> {
  const [found] = await db.select(findings, verification);
  return judge(found as z.infer<typeof findings>);
}

function judge(found: z.infer<typeof findings>): ChainVerdict {
  const { entries, last, head, isHead, broken } = found;
  if (broken !== null) {
    return { valid: false, ...judgeEntry({ ...found, broken }) };
  }
  if (last !== head) {
    return { valid: false, sequence: last + 1, reason: 'truncated' };
  }
  return isHead ? { valid: true, entries } : { valid: false, sequence: last, reason: 'changed' };
}

function judgeEntry({
  broken,
  head,
  before,
  isIntact,
  follows,
  isElsewhere,
  isConfirmed,
}: z.infer<typeof findings> & { readonly broken: number }): { sequence: number; reason: BreakReason } {
  if (broken > head) {
    return { sequence: broken, reason: 'added' };
  }
  if (broken !== before + 1) {
    return { sequence: before + 1, reason: 'missing' };
  }
  if (follows === false && isElsewhere) {
    return { sequence: broken, reason: 'reordered' };
  }
  // One that is whole, and that the chain goes on from, followed on what is nowhere: the one before was hashed anew.
  const isInnocent = isIntact === true && isConfirmed === true && before > 0;
  return { sequence: isInnocent ? before : broken, reason: 'changed' };
}
