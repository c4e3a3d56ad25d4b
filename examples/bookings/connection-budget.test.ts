import pg from 'pg';
import { night } from './period.ts';
import { outcomes } from './races.ts';
import { expect, test } from './test-context.ts';

test('two hundred bookings take turns at the few connections that a lease has', async ({
  bookings,
  lease,
  make,
  pg: pool,
  tenants: { a },
}) => {
  const { sku } = await make.item(a);
  let most = pool.totalCount;
  pool.on('connect', () => {
    most = Math.max(most, pool.totalCount);
  });
  const newYear = Date.UTC(2027, 0, 1);
  const nights = Array.from({ length: 200 }, (_, index) =>
    night(new Date(newYear + index * 86_400_000).toISOString().slice(0, 10)),
  );

  const { won } = await outcomes(nights.map(async (period) => bookings.book(a.id, { sku, period, guest: 'Ada' })));

  expect(won).toHaveLength(200);
  expect(most).toBeLessThanOrEqual(lease.postgres.poolOptions.max);
});

test('the URL says as much as the pool', ({ databaseUrl, lease }) => {
  const { searchParams } = new URL(databaseUrl);

  expect(searchParams.get('connection_limit')).toBe(String(lease.postgres.poolOptions.max));
  expect(searchParams.has('pool_timeout')).toBe(true);
});

test('a pool that is too large is refused by the server what is not its own', async ({
  lease,
  make,
  tenants: { a },
}) => {
  const { poolOptions } = lease.postgres;
  const greedy = new pg.Pool({ ...poolOptions, max: poolOptions.max + 5 });

  const attempts = await Promise.allSettled(
    Array.from({ length: greedy.options.max }, async () => {
      const client = await greedy.connect();
      return () => client.release();
    }),
  );
  const connected = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const refused = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [String(attempt.reason)] : []));
  connected.forEach((release) => release());
  await greedy.end();

  // One more than the pool's: Mayfly keeps a connection open from one lease to the next.
  expect(connected.length).toBeLessThanOrEqual(poolOptions.max + 1);
  expect(refused.filter((reason) => !/too many connections for (role|database)/.test(reason))).toEqual([]);
  await make.booking(a);
});
