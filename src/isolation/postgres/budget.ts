import type { LeaseSettings } from '../../config/settings.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { ServerFacts } from './server/server-facts.ts';

/** How a server's connections are divided. */
export interface ConnectionBudget {
  /** What one lease may hold. */
  readonly perLease: number;
  /** What its database may have: one more, where a connection is kept for the next lease. */
  readonly perDatabase: number;
  /** What all leases together may hold. */
  readonly all: number;
}

/** What Mayfly itself holds at the most: for the environment, and in each process that takes leases. */
const reserve = { environment: 4, worker: 4 };

/**
 * Divides what the server accepts, less what is in use and what Mayfly itself needs, by all the leases that can be out
 * at the same time.
 *
 * @throws MayflyError `MAYFLY_BUDGET_TOO_SMALL` when there is not one connection for each lease.
 */
export function divideConnections(
  { connections, heldByOthers }: Pick<ServerFacts, 'connections' | 'heldByOthers'>,
  { workers, concurrency, connections: wanted }: Pick<LeaseSettings, 'workers' | 'concurrency' | 'connections'>,
  { keepsOne }: { readonly keepsOne: boolean },
): ConnectionBudget {
  const all = connections - heldByOthers - reserve.environment - reserve.worker * workers;
  const leases = workers * concurrency;
  const share = Math.floor(all / leases);
  const kept = keepsOne && share > 1 ? 1 : 0;
  const perLease = Math.min(wanted, share - kept);
  if (perLease < 1) {
    throw new MayflyError('MAYFLY_BUDGET_TOO_SMALL', {
      message:
        `${workers} workers with ${concurrency} leases each need ${leases} connections or more, and the server has ` +
        `${Math.max(all, 0)} left: it accepts ${connections}, ${heldByOthers} are in use, and Mayfly itself needs ` +
        `${reserve.environment + reserve.worker * workers}.`,
      remedy: 'Raise postgres.maxConnections, or lower leases.workers (under vitest: maxWorkers).',
      service: 'postgres',
      phase: 'start',
    });
  }
  return { perLease, perDatabase: perLease + kept, all };
}
