import { audit, database, financial, type Payment } from 'mayfly/services';
import type { Pool } from 'pg';
import { timeOf } from '../measure.ts';
import type { Row } from '../row.ts';

const count = 100_000;
/** To ask for all of them one by one would take half a minute each time. */
const asked = 5_000;
const period = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-04-01T00:00:00Z') };

/** As many payments, of which each side has a hundred that the other has not, and a hundred differ by a cent. */
const fill = `
  INSERT INTO tenants VALUES ('00000000-0000-4000-8000-000000000000', 'north', 'North');
  INSERT INTO transactions (id, tenant_id, reference, payment_intent, amount, currency, status, created_at)
    SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000000', 'T-' || n, 'pi_' || md5(n::text), n % 10000,
      (ARRAY['EUR', 'CHF', 'USD'])[n % 3 + 1], 'completed', timestamptz '2026-03-01Z' + n * interval '20 seconds'
    FROM generate_series(1, ${count}) AS n`;

/** The service finds, validates and writes down; the peers only find. */
export const reconcile: Row = {
  id: 'reconcile',
  work: '100,000 payments reconciled with as many of the provider',
  prepare: async (bench) => {
    const environment = await bench.environment(
      { redis: false, services: [database, audit, financial], leases: { workers: 1 } },
      'embedded',
    );
    const lease = await environment.lease();
    bench.defer(() => lease.release());
    await lease.pool.query(fill);
    const { rows } = await lease.pool.query<Payment>(`
      SELECT CASE WHEN n <= 100 THEN 'elsewhere ' || n ELSE payment_intent END AS reference, currency, status,
          CASE WHEN n % 1000 = 0 THEN amount + 1 ELSE amount END::float8 AS amount
        FROM (SELECT *, substr(reference, 3)::int AS n FROM transactions) AS numbered ORDER BY random()`);
    const expected = { matched: count - 200, mismatched: 100, unmatched: 100 };
    const check = (found: typeof expected): void => {
      if (JSON.stringify(found) !== JSON.stringify(expected)) {
        throw new Error(`the reconciliation found ${JSON.stringify(found)}`);
      }
    };
    const ours = async (): Promise<void> => {
      const { services } = lease;
      const found = await services.financial.reconcile({ period, provider: rows, trail: 'summary' });
      const { matched, mismatched, unmatchedProvider } = found;
      check({ matched, mismatched: mismatched.length, unmatched: unmatchedProvider.length });
    };
    return {
      mayfly: () => timeOf(ours),
      peers: [
        {
          name: 'all rows fetched and matched in JavaScript, nothing checked nor written',
          measure: () => timeOf(async () => check(await fetched(lease.pool, rows))),
        },
        {
          name: 'one query for each of 5,000 payments',
          target: 1,
          measure: () => timeOf(() => eachAsked(lease.pool, rows.slice(0, asked))),
        },
      ],
    };
  },
};

interface Found {
  readonly matched: number;
  readonly mismatched: number;
  readonly unmatched: number;
}

interface Stored {
  readonly payment_intent: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
}

async function fetched(pool: Pool, payments: readonly Payment[]): Promise<Found> {
  const { rows } = await pool.query<Stored>(
    'SELECT payment_intent, amount, currency, status FROM transactions WHERE created_at >= $1 AND created_at < $2',
    [period.from, period.to],
  );
  const stored = new Map(rows.map((row) => [row.payment_intent, row]));
  return tally(payments, (payment) => stored.get(payment.reference));
}

async function eachAsked(pool: Pool, payments: readonly Payment[]): Promise<Found> {
  const found = new Map<string, Stored>();
  for (const { reference } of payments) {
    const { rows } = await pool.query<Stored>(
      `SELECT payment_intent, amount, currency, status FROM transactions
        WHERE payment_intent = $1 AND created_at >= $2 AND created_at < $3`,
      [reference, period.from, period.to],
    );
    if (rows[0] !== undefined) {
      found.set(reference, rows[0]);
    }
  }
  return tally(payments, (payment) => found.get(payment.reference));
}

function tally(payments: readonly Payment[], find: (payment: Payment) => Stored | undefined): Found {
  const sums = { matched: 0, mismatched: 0, unmatched: 0 };
  for (const payment of payments) {
    const row = find(payment);
    if (row === undefined) {
      sums.unmatched += 1;
    } else if (
      Number(row.amount) === payment.amount &&
      row.currency === payment.currency &&
      row.status === payment.status
    ) {
      sums.matched += 1;
    } else {
      sums.mismatched += 1;
    }
  }
  return sums;
}
