import { readFile } from 'node:fs/promises';
import type { PooledPostgres } from '../../connection/pooled-postgres.ts';
import { defineService, serviceRef } from '../../service/define-service.ts';
import type { Service, ServiceRef } from '../../service/service.ts';
import { Database } from './database.ts';

const schema = new URL('schema.sql', import.meta.url);

const postgres: ServiceRef<'postgres', PooledPostgres, PooledPostgres, 'run'> = serviceRef('postgres');

/** The platform's tables, on the lease's own pool, which all other services of the suite share. */
export const database: Service<'database', Database, undefined, 'lease'> = defineService({
  name: 'database',
  dependsOn: { postgres },
  inputs: [schema],
  prepare: async ({ postgres: { pool } }) => {
    await pool.query(await readFile(schema, 'utf8'));
  },
  start: ({ postgres: { pool } }) => new Database(pool),
  // For all services on it: that their tables are there, the template has proved by being made.
  check: (opened) => opened.query('SELECT 1'),
});
