import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Lease } from '../../environment/leases/lease.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { Database } from './database.ts';
import type { Queryable } from './queryable.ts';
import { database } from './service.ts';

const state = useOwnState();
const definition = { redis: false, services: [database] } as const;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the database service on ${runtime}`, () => {
    let environment: Environment<typeof definition>;
    let lease: Lease<typeof definition>;
    let db: Database;

    beforeAll(async () => {
      environment = await startEnvironment(definition, { runtime });
      lease = await environment.lease();
      db = lease.services.database;
    });

    afterAll(async () => {
      await lease.release();
      await environment.stop();
    });

    test('has the tables of the platform', async () => {
      const rows = await db.query<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
      );

      expect(rows.map(({ name }) => name)).toEqual(['events', 'registrations', 'tenants', 'tickets', 'transactions']);
    });

    test('gives rows as their model has them, or says which field is not', async () => {
      const model = z.object({ id: z.int().transform(String) });

      expect(await db.select(model, 'SELECT 7 AS id')).toEqual([{ id: '7' }]);
      await expect(db.select(model, `SELECT 'seven' AS id`)).rejects.toMatchObject({
        code: 'MAYFLY_ROW_UNEXPECTED',
        message: expect.stringContaining('at id'),
      });
    });

    test('works on the pool of the lease, and leaves its end to the lease', async () => {
      const { pool } = lease;

      expect(db.pool).toBe(pool);
      await db[Symbol.asyncDispose]();
      expect(pool.ending).toBe(false);
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    test('ends a pool that it has opened', async () => {
      const own = await Database.open({ connectionString: lease.postgres.plainUrl, max: 1 });

      expect(await own.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '10s' }]);
      await own[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
      expect(own.pool.ended).toBe(true);
    });

    test('gives every statement ten seconds, on each connection and in the lease that is left one too', async () => {
      const asked = `SELECT current_setting('statement_timeout') AS timeout, pg_backend_pid() AS backend`;
      const ask = async (queryable: Queryable) =>
        (await queryable.query<{ timeout: string; backend: number }>(asked))[0]!;
      const own = await startEnvironment({ ...definition, leases: { connections: 2 } }, { runtime });
      await using _ = own;

      const first = await own.lease();
      const [one, two] = await first.services.database.transaction(async (tx) => [
        await ask(tx),
        await ask(first.services.database),
      ]);
      await first.release();
      await using second = await own.lease();
      const left = await ask(second.services.database);

      expect(one.backend).not.toBe(two.backend);
      expect([one.timeout, two.timeout, left.timeout]).toEqual(['10s', '10s', '10s']);
      expect([one.backend, two.backend]).toContain(left.backend);
    });

    test('keeps the connection on which a statement or a transaction failed', async () => {
      const backend = async (): Promise<unknown> => db.query('SELECT pg_backend_pid()');
      const before = await backend();

      await expect(db.query('SELECT nothing')).rejects.toThrow('nothing');
      expect(await backend()).toEqual(before);
      await expect(db.transaction((tx) => tx.query('SELECT nothing'))).rejects.toThrow('nothing');
      expect(await backend()).toEqual(before);
    });

    test('keeps no connection that the server ends', async () => {
      await expect(db.query('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toThrow('terminating connection');
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    test('keeps no connection whose transaction could not be ended', async () => {
      const lost = db.transaction((tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));

      await expect(lost).rejects.toThrow('terminating connection');
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });
}

describe.skipIf(await isMissing('embedded'))('a database on the pool of a lease that is one transaction', () => {
  test('has its transactions rolled back with the rest, and keeps the connection', async () => {
    const transactions = { redis: false, leases: { mode: 'transaction' } } as const;
    await using environment = await startEnvironment(transactions, { runtime: 'embedded' });
    const backends = new Set<unknown>();
    for (let round = 0; round < 2; round += 1) {
      const taken = await environment.lease();
      const db = new Database(taken.pool);
      await db.transaction(async (tx) => {
        await tx.query('CREATE TABLE notes AS SELECT 1 AS id');
        await expect(tx.transaction((inner) => inner.query('SELECT nothing'))).rejects.toThrow('nothing');
      });
      await expect(db.transaction((tx) => tx.query('SELECT nothing'))).rejects.toThrow('nothing');
      await expect(db.query('SELECT nothing')).rejects.toThrow('nothing');

      const [seen] = await db.query<{ notes: number; backend: number; timeout: string }>(
        `SELECT count(*)::int AS notes, pg_backend_pid() AS backend, current_setting('statement_timeout') AS timeout
          FROM notes`,
      );
      expect(seen).toMatchObject({ notes: 1, timeout: '10s' });
      backends.add(seen?.backend);
      expect(await taken.release()).toMatchObject({ database: { outcome: 'rolled back' } });
    }
    expect(backends.size).toBe(1);
  });
});
