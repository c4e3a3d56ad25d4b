/**
 * 1,000 entries of the audit log by four writers, each with a connection of its own. Prints how long they took, in
 * milliseconds, and how many entries the chain has that verifies.
 */
import { startEnvironment } from 'mayfly';
import { audit, database } from 'mayfly/services';
import type { Written } from '../rows/audit-writers.ts';

const entries = 1_000;
const writers = 4;

await using environment = await startEnvironment(
  { redis: false, services: [database, audit], leases: { connections: writers } },
  { runtime: 'embedded' },
);
await using lease = await environment.lease();
const { services, pool } = lease;
const write = (count: number): Promise<unknown> =>
  Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let entry = 0; entry < count; entry += 1) {
        const reference = `TX-${writer}-${entry}`;
        await services.audit.record({
          type: 'payment',
          action: 'payment_captured',
          reference,
          data: { amount: 4_900 },
        });
      }
    }),
  );

// So that all four are connected.
await write(5);
const begun = performance.now();
await write(entries / writers);
const duration = performance.now() - begun;
const verdict = await services.audit.verify();
const { rows } = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM audit.entries');
const written: Written = { duration, entries: (rows[0]?.count ?? 0) - writers * 5, isWhole: verdict.valid };
console.log(JSON.stringify(written));
