import type { AuditLog } from '../audit/audit-log.ts';
import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { matchStatement } from './match.ts';
import {
  matchesModel,
  reconciliationRecordModel,
  type CheckedReconciliation,
  type Matches,
  type Reconciliation,
  type ReconciliationRecord,
} from './reconciliation.ts';

/** Finds out, writes down what was found, and gives it. */
export async function reconcile(
  tx: Queryable,
  audit: AuditLog,
  { period, provider, tenantId, trail }: CheckedReconciliation,
): Promise<Reconciliation> {
  const [found] = await tx.select(matchesModel, matchStatement, [
    provider.map(({ reference }) => reference),
    provider.map(({ amount }) => amount),
    provider.map(({ currency }) => currency),
    provider.map(({ status }) => status),
    period.from,
    period.to,
    tenantId,
    trail === 'each',
  ]);
  const { reconciled, ...matches } = found as Matches;
  const { matched, totals } = matches;
  const { unmatchedProvider, unmatchedDatabase, mismatched } = {
    unmatchedProvider: matches.unmatchedProvider.length,
    unmatchedDatabase: matches.unmatchedDatabase.length,
    mismatched: matches.mismatched.length,
  };
  const sums = { matched, unmatchedProvider, unmatchedDatabase, mismatched };
  const record = valid(reconciliationRecordModel, { period, tenantId, totals, ...sums }, 'financial');
  await keep(tx, record);
  await follow(tx, audit, reconciled, record);
  await audit.within(tx).record({
    type: 'payment',
    action: 'reconciliation_completed',
    data: { reconciliation: record.id, status: record.status, ...sums },
    at: record.createdAt,
  });
  return { ...record, ...matches };
}

async function keep(tx: Queryable, record: ReconciliationRecord): Promise<void> {
  const { id, tenantId, period, matched, unmatchedProvider, unmatchedDatabase, mismatched } = record;
  await tx.query(
    `INSERT INTO reconciliations (id, tenant_id, period_from, period_to, matched, unmatched_provider,
        unmatched_database, mismatched, status, created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      tenantId,
      period.from,
      period.to,
      matched,
      unmatchedProvider,
      unmatchedDatabase,
      mismatched,
      record.status,
      record.createdAt,
    ],
  );
  await tx.query(
    `INSERT INTO reconciliation_totals (reconciliation_id, currency, provider, database, discrepancy)
      SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[])`,
    [
      id,
      record.totals.map(({ currency }) => currency),
      record.totals.map(({ provider }) => provider),
      record.totals.map(({ database }) => database),
      record.totals.map(({ discrepancy }) => discrepancy),
    ],
  );
}

/** The last step of these transactions' trails. Of two reconciliations at once one writes it. */
async function follow(
  tx: Queryable,
  audit: AuditLog,
  references: readonly string[],
  { id, createdAt: at }: ReconciliationRecord,
): Promise<void> {
  const followed = await tx.query<{ reference: string }>(
    `INSERT INTO financial_events (id, reference, action, status_before, status_after, amount, at)
      SELECT gen_random_uuid(), reference, 'payment_reconciled', status, status, amount, $2
        FROM transactions WHERE reference = ANY ($1) ORDER BY reference
      ON CONFLICT DO NOTHING RETURNING reference`,
    [references, at],
  );
  const data = { reconciliation: id };
  await audit
    .within(tx)
    .recordAll(
      followed.map(({ reference }) => ({ type: 'payment', action: 'payment_reconciled', reference, data, at })),
    );
}
