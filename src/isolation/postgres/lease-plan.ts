import type { LeaseMode } from '../../config/lease-definition.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import type { ConnectionBudget } from './budget.ts';
import type { CopyStrategy, LeaseAccess } from './database/create-database.ts';

/** How databases are handed out in one run: plain data, for every process that takes leases. */
export interface LeasePlan {
  readonly session: string;
  /** The server, with its own user. */
  readonly server: PostgresDetails;
  readonly template: string;
  readonly mode: LeaseMode;
  readonly access: LeaseAccess;
  /** Whether what was written to a database can be found out, and undone. */
  readonly canRecycle: boolean;
  readonly strategy: CopyStrategy;
  readonly budget: ConnectionBudget;
  /** How many databases there are at least, those that are held included. */
  readonly ready: number;
  /** How long a pool waits for one of its connections, in milliseconds. */
  readonly poolTimeout: number;
}
