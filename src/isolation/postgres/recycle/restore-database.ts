import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { withDeadline } from '../../../service/deadline.ts';
import type { AdminConnection } from '../admin-connection.ts';
import { connectionLimit } from '../database/create-database.ts';
import type { Proof, RegisteredDatabase } from '../registry.ts';
import { scramVerifier } from '../scram-verifier.ts';
import type { Baseline } from '../template/baseline.ts';
import { recycle, type RecycleOutcome } from './recycle.ts';

/** Within which a database is looked at and put back, in milliseconds; after that it is made afresh. */
const timeout = 10_000;

/** What became of a database that was to be restored. */
export interface RestoredDatabase {
  readonly outcome: RecycleOutcome | 'lost';
  readonly leftover: readonly string[];
  /** What the next holder needs, where it equals a fresh copy. */
  readonly next?: { readonly password: string; readonly proof: Proof };
}

/**
 * Brings a database back to what a fresh copy is, behind a password that nobody knows yet. Never throws: whatever a test
 * did to it, a fresh copy is the answer.
 */
export async function restoreDatabase(
  inside: AdminConnection,
  registered: RegisteredDatabase,
  baseline: Baseline,
): Promise<RestoredDatabase> {
  const name = escapeIdentifier(registered.database);
  const password = randomBytes(24).toString('hex');
  const signal = new AbortController().signal;
  const deadline = { ms: timeout, signal, expired: () => new Error('it took too long') };
  try {
    return await withDeadline(deadline, async (bounded) => {
      // Whoever still knows the old password stays out, and so does whoever has just used it.
      await inside.query(
        `ALTER ROLE ${name} PASSWORD ${escapeLiteral(scramVerifier(password))}; ALTER DATABASE ${name} CONNECTION LIMIT 0`,
      );
      const { outcome, leftover, proof } = await recycle(inside, registered, baseline, bounded);
      if (proof === undefined) {
        return { outcome, leftover };
      }
      await inside.query(`ALTER DATABASE ${name} CONNECTION LIMIT ${connectionLimit(registered.connections)}`);
      return { outcome, leftover, next: { password, proof } };
    });
  } catch {
    return { outcome: 'lost', leftover: [] };
  }
}
