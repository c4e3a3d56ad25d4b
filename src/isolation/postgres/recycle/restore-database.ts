import { randomBytes } from 'node:crypto';
import pg, { escapeIdentifier, escapeLiteral } from 'pg';
import { withDeadline } from '../../../service/deadline.ts';
import { leaseUser } from '../lease-user.ts';
import type { Proof, RegisteredDatabase } from '../registry/registry.ts';
import type { AdminConnection } from '../server/admin-connection.ts';
import { scramVerifier } from '../server/scram-verifier.ts';
import type { Baseline } from '../template/baseline.ts';
import { recycle, type RecycleOutcome } from './recycle.ts';

/** Within which a database is looked at and put back, in milliseconds; after that it is made afresh. */
const timeout = 10_000;

const lockNotAvailable = '55P03';

/** What became of a database that was to be restored. */
export interface RestoredDatabase {
  readonly outcome: RecycleOutcome | 'lost';
  readonly leftover: readonly string[];
  /** What the next holder needs, where it equals a fresh copy. Nobody can connect to it yet. */
  readonly next?: { readonly password: string; readonly proof: Proof };
}

/**
 * Brings a database back to what a fresh copy is, behind a user and a password that nobody knows yet. Never throws:
 * whatever a test did to it, a fresh copy is the answer. `kept` is the server's process for a session that goes on: it has
 * forgotten whatever it was told, its counts are complete, and nobody uses it meanwhile.
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
      const shut = async (): Promise<unknown> =>
        inside.query(`
          SET lock_timeout = 1000;
          ALTER ROLE ${user} RENAME TO ${nextUser};
          ALTER ROLE ${nextUser} PASSWORD ${escapeLiteral(scramVerifier(password))};
          ALTER DATABASE ${name} CONNECTION LIMIT 0`);
      const inTheWay = await shut().then(
        () => [],
        async (error: unknown) => {
          const ended = await endWhoeverLocks(inside, kept, error);
          await shut();
          return ended;
        },
      );
      const {
        outcome,
        leftover: others,
        proof,
      } = await recycle(inside, registered, { baseline, kept, signal: bounded });
      const leftover = [...new Set([...inTheWay, ...others])];
      if (proof === undefined) {
        return { outcome, leftover };
      }
      return { outcome, leftover, next: { password, proof } };
    });
  } catch {
    return { outcome: 'lost', leftover: [] };
  }
}

/** Ends the sessions of which one may have changed the database or its user in a transaction that is still open. */
async function endWhoeverLocks(inside: AdminConnection, kept: number | undefined, error: unknown): Promise<string[]> {
  if (!(error instanceof pg.DatabaseError && error.code === lockNotAvailable)) {
    throw error;
  }
  const { rows } = await inside.query<{ name: string }>(
    `SELECT application_name AS name, pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), $1) AND backend_type = 'client backend'`,
    [kept ?? 0],
  );
  return rows.map(({ name }) => name);
}
