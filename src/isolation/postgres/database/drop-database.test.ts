import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { runSql, soon } from '../../../../fixtures/isolation/lease-source.ts';
import { registryDatabase } from '../registry/registry-schema.ts';
import { connectAdmin, type AdminConnection } from '../server/admin-connection.ts';
import { dropDatabase } from './drop-database.ts';

const server = useLeaseServer(useOwnState(), { settings: { max_prepared_transactions: '5' } });

test.each([
  { what: 'an open transaction that changes it', does: 'BEGIN; ALTER DATABASE it CONNECTION LIMIT 7', outside: '' },
  {
    what: 'an open transaction that changes its user',
    does: `BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'x'`,
    outside: '',
  },
  {
    what: 'a prepared transaction that changes it',
    does: `BEGIN; ALTER DATABASE it CONNECTION LIMIT 7; PREPARE TRANSACTION 'one'`,
    outside: '',
  },
  {
    what: 'a prepared transaction that changes its user',
    does: `BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'x'; PREPARE TRANSACTION 'two'`,
    outside: '',
  },
  {
    what: 'a prepared transaction, though nobody may connect',
    does: `BEGIN; INSERT INTO a VALUES (1); PREPARE TRANSACTION 'three'`,
    outside: 'ALTER DATABASE it ALLOW_CONNECTIONS false',
  },
  { what: 'its being a template', does: 'ALTER DATABASE it IS_TEMPLATE true', outside: '' },
])('a database is dropped with its user in spite of $what', async ({ does, outside }) => {
  const { leases } = await server.use({ sql: 'CREATE TABLE a (n int)' });
  const { details } = await leases.take({ name: 'test' }, soon());
  const name = (sql: string): string => sql.replaceAll(/\bit\b/g, details.database);
  const session = new pg.Client(details.plainUrl);
  session.on('error', () => {});
  await session.connect();
  onTestFinished(() => session.end());
  for (const statement of name(does).split('; ')) {
    await session.query(statement);
  }
  await runSql(server.details.url, name(outside));
  const connect = (database: string): AdminConnection => connectAdmin(server.details, database);
  await using admin = connect(registryDatabase);

  await dropDatabase(admin, details.database, connect);

  expect(
    await server.ask(`SELECT count(*)::int FROM (SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles) s (name)
      WHERE starts_with(name, '${details.database}')`),
  ).toBe(0);
});
