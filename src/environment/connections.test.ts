import pg from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('the connections of an environment', () => {
  test('are counted by user, application and database, and warned of once above 80 %', async () => {
    const notes: string[] = [];
    await using environment = await startEnvironment(
      { redis: false, postgres: { maxConnections: 20 }, leases: { connections: 5 } },
      { runtime: 'embedded', onProgress: (event) => void (event.type === 'note' && notes.push(event.message)) },
    );
    expect(environment.connections).toBeUndefined();
    await using lease = await environment.lease({ name: 'quiet' });
    const { url } = environment.details.postgres;
    const hoard = Array.from(
      { length: 14 },
      () => new pg.Client({ connectionString: url, application_name: 'hoarder' }),
    );
    await Promise.all(hoard.map((client) => client.connect()));
    await lease.pool.query('SELECT 1');

    await vi.waitUntil(() => notes.some((note) => note.includes('hoarder')), { timeout: 10_000 });
    const report = environment.connections;
    await Promise.all(hoard.map((client) => client.end()));

    expect(notes.filter((note) => note.includes('hoarder'))).toEqual([
      expect.stringMatching(
        /^Postgres has \d+ of at most 20 connections: 14 by "hoarder" \(postgres, database postgres\);/,
      ),
    ]);
    expect(report?.limit).toBe(20);
    expect(report?.peak.total).toBeGreaterThan(16);
    expect(report?.peak.holders).toContainEqual({
      user: 'postgres',
      application: 'hoarder',
      database: 'postgres',
      count: 14,
    });
    expect(report?.peak.holders).toContainEqual(
      expect.objectContaining({
        user: lease.postgres.user,
        application: expect.stringContaining('quiet'),
        count: 1,
      }),
    );
  });

  test('are refused to a lease that wants more than its share, with a record of who holds them', async () => {
    const environment = await startEnvironment(
      { redis: false, leases: { connections: 2, poolTimeout: 5_000 } },
      { runtime: 'embedded' },
    );
    await using greedy = await environment.lease({ name: 'greedy' });
    await using modest = await environment.lease({ name: 'modest' });
    const { plainUrl } = greedy.postgres;
    // One more than its pool may have: the one that is kept from lease to lease.
    const own = [1, 2, 3].map(() => new pg.Client({ connectionString: plainUrl, application_name: 'its own pool' }));
    await Promise.all(own.map((client) => client.connect()));

    await expect(greedy.pool.query('SELECT 1')).rejects.toMatchObject({
      code: 'MAYFLY_CONNECTIONS_EXHAUSTED',
      message: expect.stringMatching(/They are held by:\n {2}3 by "its own pool", idle\n/),
    });
    expect((await modest.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);

    await Promise.all(own.map((client) => client.end()));
    await environment.stop();
    expect(environment.connections?.refusals).toEqual([
      expect.objectContaining({ refused: 'greedy', holders: expect.stringContaining('3 by "its own pool"') }),
    ]);
  });

  test('are there for others while one lease opens a hundred at once, all but its own few refused', async () => {
    const definition = { redis: false, leases: { workers: 1, concurrency: 2 } } as const;
    await using environment = await startEnvironment(definition, { runtime: 'embedded' });
    await using greedy = await environment.lease({ name: 'greedy' });
    await using modest = await environment.lease({ name: 'modest' });
    const open = async ({ url }: { url: string }): Promise<string> => {
      const client = new pg.Client({ connectionString: url });
      const outcome = await client.connect().then(
        () => 'opened',
        (error: unknown) => (error as Error).message,
      );
      await client.end().catch(() => {});
      return outcome;
    };

    const storm = async (): Promise<string[]> => Promise.all(Array.from({ length: 100 }, () => open(greedy.postgres)));
    const others: string[] = [];
    const storming = storm().then(async (outcomes) => [...outcomes, ...(await storm())]);
    const over = new AbortController();
    void storming.finally(() => over.abort());
    while (!over.signal.aborted) {
      others.push(await open(modest.postgres));
    }

    expect((await storming).filter((outcome) => outcome.startsWith('too many connections for role'))).not.toEqual([]);
    expect(others.filter((outcome) => outcome !== 'opened')).toEqual([]);
  });

  test('are never handed out to more leases than the server has room for', async () => {
    await using environment = await startEnvironment(
      { redis: false, postgres: { maxConnections: 40 }, leases: { workers: 1, connections: 10 } },
      { runtime: 'embedded' },
    );
    await using first = await environment.lease({ name: 'first', file: 'a.test.ts' });
    await using second = await environment.lease({ name: 'second' });

    await expect(environment.lease({ name: 'third', timeout: 200 })).rejects.toMatchObject({
      code: 'MAYFLY_LEASE_TIMEOUT',
      message: expect.stringMatching(
        new RegExp(
          `No database was free within 200 ms\\. They are held by:\\n` +
            `  ${first.postgres.database}: first, worker ${process.pid}, a\\.test\\.ts, for \\d+ s\\n` +
            `  ${second.postgres.database}: second, worker ${process.pid}, for \\d+ s\\n`,
        ),
      ),
    });
  });

  test('too few for the workers stop the first lease, with the sum', async () => {
    await using environment = await startEnvironment(
      { redis: false, postgres: { maxConnections: 20 }, leases: { workers: 30 } },
      { runtime: 'embedded' },
    );

    await expect(environment.lease()).rejects.toMatchObject({
      code: 'MAYFLY_BUDGET_TOO_SMALL',
      message: expect.stringMatching(
        /^30 workers with 1 leases each need 30 connections or more, and the server has 0 left/,
      ),
    });
  });
});
