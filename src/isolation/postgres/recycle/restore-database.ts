import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { withDeadline } from '../../../service/deadline.ts';
import type { AdminConnection } from '../admin-connection.ts';
import { connectionLimit } from '../database/create-database.ts';
import { leaseUser } from '../lease-user.ts';
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
 * Brings a database back to what a fresh copy is, behind a user and a password that nobody knows yet. Never throws: whatever a test
 * did to it, a fresh copy is the answer. `kept` is the server's process for a session that goes on: it has forgotten
 * whatever it was told, its counts are complete, and nobody uses it meanwhile.
 */
export async function restoreDatabase(
  inside: AdminConnection,
  registered: RegisteredDatabase,
  baseline: Baseline,
  kept?: number,
): Promise<RestoredDatabase> {
  const name = escapeIdentifier(registered.database);
  const password = randomBytes(24).toString('hex');
  const user = escapeIdentifier(leaseUser(registered));
  const nextUser = escapeIdentifier(leaseUser({ ...registered, password }));
  const signal = new AbortController().signal;
  const deadline = { ms: timeout, signal, expired: () => new Error('it took too long') };
  try {
    return await withDeadline(deadline, async (bounded) => {
      // Whoever still knows the old name and password stays out, and so does whoever has just used them.
      await inside.query(`
        ALTER ROLE ${user} RENAME TO ${nextUser};
        ALTER ROLE ${nextUser} PASSWORD ${escapeLiteral(scramVerifier(password))};
        ALTER DATABASE ${name} CONNECTION LIMIT 0`);
      const { outcome, leftover, proof } = await recycle(inside, registered, { baseline, kept, signal: bounded });
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
