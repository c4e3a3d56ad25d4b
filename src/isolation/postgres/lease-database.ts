import type { PostgresDetails } from '../../connection/details.ts';
import type { LeasePlan } from './lease-plan.ts';
import { leaseUser } from './lease-user.ts';
import type { LeaseHolder, RegisteredDatabase } from './registry/registry.ts';
import { urlOf } from './server/admin-config.ts';

/** One lease's database: plain data. */
export interface LeaseDatabase extends PostgresDetails {
  /**
   * With `connection_limit` and `pool_timeout` (in seconds), which Prisma 6 heeds and most drivers ignore; libpq and
   * postgres.js refuse parameters that they do not know, and are to be given {@link plainUrl}.
   */
  readonly url: string;
  readonly plainUrl: string;
  /** For drivers and adapters that take options: those of `pg.Pool`, Prisma 7's adapter among them. */
  readonly poolOptions: PoolOptions;
}

/** Named as `pg.Pool` names them. */
export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Connections at the most. */
  readonly max: number;
  /** In milliseconds. */
  readonly connectionTimeoutMillis: number;
  readonly allowExitOnIdle: boolean;
  /** Says on the server whose connection it is. */
  readonly application_name: string;
}

/** Describes a database that was taken to those who are to use it. */
export function describeDatabase(
  { server, budget, access, poolTimeout }: LeasePlan,
  { database, password }: Pick<RegisteredDatabase, 'database' | 'password'>,
  holder: LeaseHolder,
): LeaseDatabase {
  const own = { user: server.user, password: server.password };
  const login = access === 'own' ? own : { user: leaseUser({ database, password }), password };
  const { host, port, runtime } = server;
  const details = { ...server, ...login, database, place: `database ${database}` };
  const application = applicationName(holder);
  const plainUrl = urlOf(details);
  const url = new URL(plainUrl);
  // For whoever does not give the connection a name of its own.
  url.searchParams.set('fallback_application_name', application);
  url.searchParams.set('connection_limit', String(budget.perLease));
  url.searchParams.set('pool_timeout', String(Math.ceil(poolTimeout / 1000)));
  const poolOptions = {
    host,
    port,
    ...login,
    database,
    max: budget.perLease,
    connectionTimeoutMillis: poolTimeout,
    allowExitOnIdle: true,
    application_name: application,
    // Whatever PGSSLMODE says in general: servers of ours have no TLS.
    ...(runtime !== 'external' && { ssl: false }),
  };
  return { ...details, url: url.href, plainUrl, poolOptions };
}

/** By which a connection is known on the server: at most 63 bytes (PostgreSQL documentation, `application_name`). */
function applicationName({ name, worker }: LeaseHolder): string {
  const printable = [worker, name]
    .filter((part) => part !== undefined)
    .join(': ')
    .replaceAll(/[^\x20-\x7e]/g, '?');
  return printable.slice(0, 63);
}
