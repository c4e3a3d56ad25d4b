import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const migrations = join(import.meta.dirname, '../../fixtures/leases/migrations');
const insert = `INSERT INTO guest (name) VALUES ('Edsger') RETURNING id`;

describe.skipIf(await isMissing('embedded'))('the mode of leases', () => {
  test.each([
    { mode: 'recycle', outcome: 'undone', isSameDatabase: true },
    { mode: 'clone', outcome: 'made afresh', isSameDatabase: false },
    { mode: 'transaction', outcome: 'rolled back', isSameDatabase: true },
  ] as const)('$mode gives every lease the same rows and numbers', async ({ mode, outcome, isSameDatabase }) => {
    const definition = { migrations, redis: false, leases: { mode } } as const;
    await using environment = await startEnvironment(definition, { runtime: 'embedded' });

    const databases = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const lease = await environment.lease();
      databases.add(lease.postgres.database);
      expect((await lease.pool.query('SELECT count(*)::int FROM guest')).rows).toEqual([{ count: 2 }]);
      expect((await lease.pool.query(insert)).rows).toEqual([{ id: 3 }]);
      expect(await lease.release()).toMatchObject({ database: { outcome, leftover: [] } });
    }

    expect(databases.size === 1).toBe(isSameDatabase);
  });

  test('transaction keeps transactions within it apart, and what comes after a failure', async () => {
    const definition = { migrations, redis: false, leases: { mode: 'transaction' } } as const;
    await using environment = await startEnvironment(definition, { runtime: 'embedded' });
    await using lease = await environment.lease();

    await expect(lease.pool.query('INSERT INTO guest DEFAULT VALUES')).rejects.toThrow(/null value/);
    const client = await lease.pool.connect();
    await client.query('BEGIN');
    await client.query(insert);
    await client.query('ROLLBACK');
    await client.query('BEGIN');
    await client.query(`INSERT INTO guest (name) VALUES ('Barbara')`);
    await client.query('COMMIT');
    client.release();

    expect((await lease.pool.query('SELECT name FROM guest ORDER BY id')).rows).toEqual([
      { name: 'Ada' },
      { name: 'Grace' },
      { name: 'Barbara' },
    ]);
  });

  test('recycle makes users of leases superusers if that is asked for, and their databases afresh', async () => {
    const definition = { migrations, redis: false, leases: { superuser: true } } as const;
    await using environment = await startEnvironment(definition, { runtime: 'embedded' });
    const lease = await environment.lease();

    await lease.pool.query('ALTER SYSTEM RESET work_mem');
    expect(await lease.release()).toMatchObject({ database: { outcome: 'made afresh' } });
  });
});
