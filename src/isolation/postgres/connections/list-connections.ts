import type { Registry } from '../registry/registry.ts';

/** The connections of one application as one user to one database. */
export interface ConnectionHolder {
  readonly user: string;
  readonly application: string;
  readonly database: string;
  readonly count: number;
}

/** A server's connections, by who holds them, most first. */
export interface ConnectionCount {
  /** The server's `max_connections`. */
  readonly limit: number;
  readonly total: number;
  readonly holders: readonly ConnectionHolder[];
}

/** Counts all connections that clients have to a server. */
export async function listConnections({ connection }: Registry): Promise<ConnectionCount> {
  const { rows } = await connection.query<ConnectionHolder & { limit: number }>(
    `SELECT coalesce(usename, '') AS user, application_name AS application, coalesce(datname, '') AS database,
        count(*)::int, current_setting('max_connections')::int AS limit
      FROM pg_stat_activity WHERE backend_type = 'client backend'
      GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`,
    [],
  );
  return {
    limit: rows[0]?.limit ?? 0,
    total: rows.reduce((sum, { count }) => sum + count, 0),
    holders: rows.map(({ user, application, database, count }) => ({ user, application, database, count })),
  };
}

/** One line for each application that has connections to a database; to any, where that one has none. */
export async function describeConnections(registry: Registry, database: string): Promise<string> {
  const { rows } = await registry.connection.query<{ name: string; state: string | null; count: number }>(
    `SELECT application_name AS name, state, count(*)::int FROM pg_stat_activity
      WHERE datname = $1 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`,
    [database],
  );
  if (rows.length === 0) {
    const { holders } = await listConnections(registry);
    return holders.map((held) => `  ${held.count} by "${held.application}", on ${held.database}`).join('\n');
  }
  return rows.map(({ name, state, count }) => `  ${count} by "${name}", ${state ?? 'starting'}`).join('\n');
}
