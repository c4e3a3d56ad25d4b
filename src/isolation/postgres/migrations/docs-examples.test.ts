import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrateWithDrizzle } from '../../../../fixtures/migrations/drizzle/migrate.ts';
import { migrateWithKysely } from '../../../../fixtures/migrations/kysely/migrate.ts';
import { connect, useOwnServer } from '../../../../fixtures/migrations/own-databases.ts';
import { applyMigrations } from './apply-migrations.ts';
import { readMigrations } from './read-migrations.ts';

const root = join(import.meta.dirname, '../../../..');
describe('the users table, with the column of the second migration, is made by', () => {
  const ownDatabase = useOwnServer();

  async function columns(url: string): Promise<unknown> {
    await using client = await connect(url);
    const { rows } = await client.query(
      "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'users' ORDER BY 1",
    );
    return rows;
  }

  /** Programs that leave a connection open keep the database from being cloned. */
  async function sessions(url: string, database: string): Promise<unknown> {
    await using client = await connect(url);
    const { rows } = await client.query(
      'SELECT application_name FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
      [database],
    );
    return rows;
  }

  test.each([
    { what: 'the function for drizzle', run: migrateWithDrizzle },
    { what: 'the function for kysely', run: migrateWithKysely },
    {
      what: "drizzle's folder as it is",
      run: async ({ url }: { readonly url: string }) => {
        const migrations = await readMigrations(join(root, 'fixtures/migrations/drizzle/migrations'));
        await using client = await connect(url);
        await applyMigrations(client, migrations, new AbortController().signal);
      },
    },
  ])('$what', async ({ run }) => {
    const { url, database } = await ownDatabase();

    await run({ url });

    expect(await columns(url)).toEqual([
      { column_name: 'email', data_type: 'text', is_nullable: 'NO' },
      { column_name: 'id', data_type: 'integer', is_nullable: 'NO' },
      { column_name: 'name', data_type: 'text', is_nullable: 'NO' },
    ]);
    await expect.poll(() => sessions(url, database)).toEqual([]);
  });
});
