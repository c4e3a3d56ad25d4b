import type { Queryable } from './database/queryable.ts';

/** A service of the suite. */
export type SuiteName = 'database' | 'audit' | 'gdpr' | 'financial' | 'wallet' | 'stripe';

/** The tables of each service of the suite, in the order in which they start. */
export const tablesOf: Readonly<Record<SuiteName, readonly string[]>> = {
  database: ['tenants', 'events', 'transactions', 'tickets', 'registrations'],
  audit: ['audit.entries', 'audit.chain'],
  gdpr: ['processing_records', 'data_requests'],
  financial: ['financial_events', 'reconciliations', 'reconciliation_totals'],
  wallet: ['wallet_passes'],
  stripe: ['stripe_inbox'],
};

export const suiteNames: readonly SuiteName[] = Object.keys(tablesOf) as SuiteName[];

/** Which of the tables are not there. */
export async function missingTables(db: Queryable, tables: readonly string[]): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS t (name, place) WHERE to_regclass(name) IS NULL ORDER BY place',
    [tables],
  );
  return rows.map(({ name }) => name);
}
