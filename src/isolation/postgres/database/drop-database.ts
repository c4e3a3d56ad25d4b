import pg, { escapeIdentifier, escapeLiteral } from 'pg';
import { isLeaseUser } from '../lease-user.ts';
import type { AdminConnection } from '../server/admin-connection.ts';

/** What stands in the way of a drop, and a drop by force does not remove (PostgreSQL documentation, DROP DATABASE). */
const objectInUse = '55006';

/** For how long whoever is in the way is waited for, in milliseconds. */
const lockTimeout = 10_000;

/**
 * Drops a database with its user, whether or not they are there, ending the sessions that it has. `connect`
 * opens a connection to it, for what can be removed from within only.
 */
export async function dropDatabase(
  admin: AdminConnection,
  database: string,
  connect: (database: string) => AdminConnection,
): Promise<void> {
  const name = escapeIdentifier(database);
  // A transaction that changed the database itself, open or prepared, would keep everybody waiting who wants to as well.
  await admin.query(`SET lock_timeout = ${lockTimeout}`);
  await admin
    .query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database])
    .catch(unless('42501'));
  const { rowCount } = await admin.query('SELECT FROM pg_prepared_xacts WHERE database = $1', [database]);
  if (rowCount !== 0) {
    await removeObstacles(database, connect).catch(async () => {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      await removeObstacles(database, connect);
    });
  }
  // A template would refuse to be dropped. One whose drop was interrupted is no template, and to alter it is fatal.
  const { rows: templates } = await admin.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [
    database,
  ]);
  if (templates.length > 0) {
    await admin.query(`ALTER DATABASE ${name} IS_TEMPLATE false`);
  }
  const drop = `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`;
  try {
    await admin.query(drop);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === objectInUse)) {
      throw error;
    }
    await removeObstacles(database, connect);
    await admin.query(drop);
  }
  const { rows } = await admin.query<{ user: string }>(
    `SELECT rolname AS user FROM pg_roles WHERE rolname = $1 OR ${isLeaseUser('rolname', '$1')}`,
    [database],
  );
  for (const { user } of rows) {
    // The owner of a template may still own what is in a database that is kept; who may make no users has made none.
    await admin.query(`DROP ROLE IF EXISTS ${escapeIdentifier(user)}`).catch(unless('2BP01', '42501'));
  }
}

function unless(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof pg.DatabaseError && codes.includes(error.code ?? ''))) {
      throw error;
    }
  };
}

/** Prepared transactions and replication slots. */
async function removeObstacles(database: string, connect: (database: string) => AdminConnection): Promise<void> {
  await using inside = connect(database);
  const { rows } = await inside.query<{ gid: string }>(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
  );
  for (const { gid } of rows) {
    await inside.query(`ROLLBACK PREPARED ${escapeLiteral(gid)}`);
  }
  await inside.query(`
    SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
      WHERE database = current_database() AND active_pid IS NOT NULL`);
  await inside.query(
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()',
  );
}
