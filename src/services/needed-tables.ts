import { AuditLog } from './audit/audit-log.ts';
import { Financial } from './financial/financial.ts';
import { Gdpr } from './gdpr/gdpr.ts';
import { StripePayments } from './stripe/stripe-payments.ts';
import { tablesOf, type SuiteName } from './tables.ts';
import { Wallet } from './wallet/wallet.ts';

const bundled: Readonly<Record<Exclude<SuiteName, 'database'>, abstract new (...given: never[]) => unknown>> = {
  audit: AuditLog,
  gdpr: Gdpr,
  financial: Financial,
  wallet: Wallet,
  stripe: StripePayments,
};

/** The tables that a service needs: those of the bundled one of its name, unless one of the user's stands in its place. */
export function neededTables(name: SuiteName, service: unknown): readonly string[] {
  const isReplaced = name !== 'database' && service !== undefined && !(service instanceof bundled[name]);
  return isReplaced ? [] : tablesOf[name];
}
