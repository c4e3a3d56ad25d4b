import type { Queryable } from '../database/queryable.ts';
import { neededTables } from '../needed-tables.ts';
import { missingTables, suiteNames } from '../tables.ts';
import { recordRules } from './records.ts';
import { strays, type SharingServices } from './shared-database.ts';

/** What is asked of the audit log. */
interface Verifiable {
  verify(): Promise<{ valid: true } | { valid: false; sequence: number; reason: string }>;
}

/** The services of a lease, or some of them, by name. */
export interface ConsistentServices extends SharingServices {
  readonly audit?: Verifiable;
}

/** Something that does not fit together. */
export interface Inconsistency {
  /** What does not hold. */
  readonly rule: string;
  /** The services, tables or records of which it does not hold, the first ten. */
  readonly of: readonly string[];
}

/** Whether everything fits together, and what does not. */
export interface Consistency {
  readonly consistent: boolean;
  readonly findings: readonly Inconsistency[];
}

/** So many are named: more than these do not help to find out why. */
const most = 10;

/**
 * Sees whether the services of a lease fit together: all work on one database, their tables are there, the audit chain
 * verifies, and the records agree with each other: no ticket without event and payment, each admitted one paid, and totals
 * that are the sum of their parts. All records are seen as they were at one moment.
 */
export async function consistency(services: ConsistentServices): Promise<Consistency> {
  const { database, audit } = services;
  const given = suiteNames.filter((name) => name in services);
  const absent = await missingTables(
    database,
    given.flatMap((name) => neededTables(name, Reflect.get(services, name))),
  );
  const findings: Inconsistency[] = [
    { rule: 'all services work on one database', of: strays(services) },
    { rule: 'the tables of all services are there', of: absent },
    ...(absent.length === 0 ? await brokenRules(database) : []),
    { rule: 'the audit chain verifies', of: absent.length === 0 ? await brokenChain(audit) : [] },
  ];
  const found = findings.filter((finding) => finding.of.length > 0);
  return { consistent: found.length === 0, findings: found };
}

async function brokenRules(database: Queryable): Promise<readonly Inconsistency[]> {
  const rules = recordRules.map(
    ({ broken }, place) => `SELECT ${place} AS place, name FROM (${broken} ORDER BY 1 LIMIT ${most}) AS broken`,
  );
  // One statement, and so one moment.
  const rows = await database.query<{ place: number; name: string }>(rules.join(' UNION ALL '));
  return recordRules.map(({ rule }, place) => ({
    rule,
    of: rows.filter((row) => row.place === place).map(({ name }) => name),
  }));
}

async function brokenChain(audit: Verifiable | undefined): Promise<readonly string[]> {
  const verdict = await audit?.verify();
  return verdict === undefined || verdict.valid ? [] : [`entry ${verdict.sequence}: ${verdict.reason}`];
}
