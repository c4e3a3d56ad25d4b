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
  await using registry = connectAdmin(server, registryDatabase);
  if (!(await hasRegistry(registry))) {
    return;
  }
  await endCopies(registry, session);
  const connect = (database: string): AdminConnection => connectAdmin(server, database);
  const { rows: databases } = await registry.query<{ name: string }>(
    // Of one whose making was interrupted there may be nothing but its name in the registry, or nothing but itself.
    `SELECT database AS name FROM mayfly_1.database WHERE session = $1 AND state <> 'kept'
      UNION SELECT datname FROM pg_database WHERE starts_with(datname, 'mayfly_' || $1 || '_')
        AND datname NOT IN (SELECT database FROM mayfly_1.database WHERE state = 'kept')`,
    [session],
  );
  const templates = await findTemplates(registry, session);
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

/**
 * The templates that only this run can use, and those of nobody in particular that were left half done: these belong to
 * whoever comes first, and as long as our connection lasts nobody else builds them.
 */
async function findTemplates(registry: AdminConnection, session: string): Promise<{ readonly name: string }[]> {
  const { rows: abandoned } = await registry.query<{ template: string }>(
    `SELECT template FROM mayfly_1.template
      WHERE baseline IS NULL AND session IS NULL AND pg_try_advisory_lock(hashtextextended(template, 0))`,
    [],
  );
  // Looked at again: one may have been completed just before its lock was given up.
  const { rows } = await registry.query<{ name: string }>(
    `SELECT template AS name FROM mayfly_1.template WHERE session = $1 OR baseline IS NULL AND template = ANY ($2)`,
    [session, abandoned.map(({ template }) => template)],
  );
  return rows;
}

/** 3D000: there is no such database; 42501: our user may not enter it. */
const outOfReach = new Set<unknown>(['3D000', '42501']);

/** Whether the server has a registry: the first lease makes it. Who may not enter it has put nothing there. */
async function hasRegistry(registry: AdminConnection): Promise<boolean> {
  try {
    const { rows } = await registry.query<{ isThere: boolean }>(
      `SELECT to_regprocedure('mayfly_1.reclaim()') IS NOT NULL AS "isThere"`,
    );
    return rows[0]?.isThere === true;
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    if (outOfReach.has(cause?.code)) {
      return false;
    }
    throw error;
  }
}

/** Whoever asked for a copy may have ended since; the server would go on making it. */
async function endCopies(registry: AdminConnection, session: string): Promise<void> {
  await registry.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE state = 'active' AND starts_with(query, 'CREATE DATABASE "mayfly_' || $1 || '_')`,
    [session],
  );
}
