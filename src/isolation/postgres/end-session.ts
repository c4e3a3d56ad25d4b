import type { PostgresDetails } from '../../connection/details.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { dropDatabase } from './database/drop-database.ts';
import { registryDatabase } from './registry/registry-schema.ts';
import { connectAdmin, type AdminConnection } from './server/admin-connection.ts';

/**
 * Takes everything away that a run has on a server, whichever of its processes made it: databases, their users, and
 * templates that no other run can use. What is kept for people to look at stays. For servers that go on without the run.
 *
 * @throws MayflyError `MAYFLY_POSTGRES_UNREACHABLE`.
 */
export async function endSession(server: PostgresDetails, session: string): Promise<void> {
  await using home = connectAdmin(server, server.database);
  const { rowCount } = await home.query('SELECT FROM pg_database WHERE datname = $1', [registryDatabase]);
  if (rowCount === 0) {
    return;
  }
  await using registry = connectAdmin(server, registryDatabase);
  const connect = (database: string): AdminConnection => connectAdmin(server, database);
  const { rows: databases } = await registry.query<{ name: string }>(
    `SELECT database AS name FROM mayfly_1.database WHERE session = $1 AND state <> 'kept'`,
    [session],
  );
  const { rows: templates } = await registry.query<{ name: string }>(
    'SELECT template AS name FROM mayfly_1.template WHERE session = $1',
    [session],
  );
  const failures: unknown[] = [];
  // One that cannot be dropped keeps none of the others.
  for (const { name } of [...databases, ...templates]) {
    try {
      await dropDatabase(registry, name, connect);
      await registry.query('DELETE FROM mayfly_1.database WHERE database = $1', [name]);
      await registry.query('DELETE FROM mayfly_1.template WHERE template = $1', [name]);
    } catch (error) {
      failures.push(error);
    }
  }
  await registry.query('DELETE FROM mayfly_1.keeper WHERE session = $1', [session]);
  await registry.query('DELETE FROM mayfly_1.refusal WHERE session = $1', [session]);
  if (failures.length > 0) {
    throw new MayflyError('MAYFLY_LEASE_RETURN_FAILED', {
      message: `${failures.length} databases of the run are still on the server: ${reasonOf(failures[0])}.`,
      remedy: `Drop them there: their names begin with mayfly_${session}.`,
      service: 'postgres',
      phase: 'stop',
      cause: failures[0],
    });
  }
}
