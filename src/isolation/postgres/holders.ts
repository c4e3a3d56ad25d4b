import type { RegisteredDatabase, Registry } from './registry.ts';

/** One line for each database that is held: by whom, and for how long. */
export function describeHolders(held: readonly RegisteredDatabase[]): string {
  return held
    .map(({ database, name, worker, file, since }) => {
      const who = [name, worker && `worker ${worker}`, file].filter((part) => part !== null && part !== undefined);
      return `  ${database}: ${who.join(', ')}, for ${Math.round((Date.now() - since.getTime()) / 1000)} s`;
    })
    .join('\n');
}

/** One line for each application that has connections to a database. */
export async function connectionsOf(registry: Registry, database: string): Promise<string> {
  const { rows } = await registry.connection.query<{ name: string; state: string | null; count: number }>(
    `SELECT application_name AS name, state, count(*)::int FROM pg_stat_activity
      WHERE datname = $1 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`,
    [database],
  );
  return rows.map(({ name, state, count }) => `  ${count} by "${name}", ${state ?? 'starting'}`).join('\n');
}
