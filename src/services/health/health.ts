import { reasonOf } from '../../errors/reason.ts';
import { strays } from '../consistency/shared-database.ts';
import type { Queryable } from '../database/queryable.ts';
import { neededTables } from '../needed-tables.ts';
import { missingTables, suiteNames, type SuiteName } from '../tables.ts';

/** What is looked at. */
export type HealthCheck = 'database' | 'auditTables' | 'gdprTables' | 'services';

/** Whether one thing is as it should be, and if not, why. */
export type CheckResult = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

/** Whether the suite is healthy, and each thing that was looked at. */
export interface SuiteHealth {
  readonly healthy: boolean;
  readonly checks: Readonly<Record<HealthCheck, CheckResult>>;
  /** Why it is not: empty where it is. */
  readonly reasons: readonly string[];
}

/** The services of a lease by name; those that are missing are said to be. */
export type SuiteServices = { readonly [Name in Exclude<SuiteName, 'database'>]?: unknown } & {
  readonly database?: Queryable;
};

/**
 * Whether the database answers, the tables of audit and gdpr are there, and all six services have been started, on one
 * database; and why not. Never throws: health is an answer.
 *
 * @example
 * ```ts
 * expect(await health(lease.services)).toMatchObject({ healthy: true });
 * ```
 */
export async function health(services: SuiteServices): Promise<SuiteHealth> {
  const { database } = services;
  const connected = await reasonAgainst(async () => {
    if (database === undefined) {
      throw new Error('it has not been started');
    }
    await database.query('SELECT 1');
  });
  const tables = async (name: 'audit' | 'gdpr'): Promise<string | undefined> =>
    connected === undefined && database !== undefined
      ? reasonAgainst(() => expectTables(database, neededTables(name, services[name])))
      : 'nobody can tell, since the database does not answer';
  const [audit, gdpr] = await Promise.all([tables('audit'), tables('gdpr')]);
  const reasons: Record<HealthCheck, string | undefined> = {
    database: connected,
    auditTables: audit,
    gdprTables: gdpr,
    services: notStarted(services),
  };
  const results = Object.entries(reasons).map(([check, reason]) => [
    check,
    reason === undefined ? { healthy: true } : { healthy: false, reason },
  ]);
  const against = Object.entries(reasons).filter(([, reason]) => reason !== undefined);
  return {
    healthy: against.length === 0,
    checks: Object.fromEntries(results) as SuiteHealth['checks'],
    reasons: against.map(([check, reason]) => `${check}: ${reason}`),
  };
}

async function expectTables(database: Queryable, tables: readonly string[]): Promise<void> {
  const missing = await missingTables(database, tables);
  if (missing.length > 0) {
    throw new Error(`there is no table ${missing.join(', ')}`);
  }
}

function notStarted(services: SuiteServices): string | undefined {
  const missing = suiteNames.filter((name) => services[name] === undefined);
  if (missing.length > 0) {
    return `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} not been started`;
  }
  const { database } = services;
  const astray = database === undefined ? [] : strays({ ...services, database });
  return astray.length === 0 ? undefined : `${astray.join(', ')} on another database than the others`;
}

async function reasonAgainst(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
