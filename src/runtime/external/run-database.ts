import { withConnection } from '../../connection/postgres-connection.ts';

/** Makes a run's own database on the server behind this URL. */
export async function createRunDatabase(url: string, name: string): Promise<void> {
  await withConnection({ connectionString: url }, (client) =>
    client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`),
  );
}

/** Drops it, if it is there, with the sessions that tests left open; FORCE came with PostgreSQL 13. */
export async function dropRunDatabase(url: string, name: string): Promise<void> {
  await withConnection({ connectionString: url }, async (client) => {
    const quoted = client.escapeIdentifier(name);
    // Whoever asked for it may have ended since; the server would go on making it.
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1)`,
      [`CREATE DATABASE ${quoted}`],
    );
    await client.query(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`);
  });
}
