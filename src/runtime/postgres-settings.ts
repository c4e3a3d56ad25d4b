import type { PostgresSettings } from '../config/settings.ts';

/** The user and database that a Postgres of Mayfly's has at first: the ones that every client falls back to. */
export const superuser = 'postgres';
export const maintenanceDatabase = 'postgres';

/**
 * Settings for a server whose data does not outlive the run. A crash may lose data, and nobody would miss them.
 *
 * Sources: PostgreSQL's own advice on non-durable settings (documentation, chapter "Non-Durable Settings"); the rest
 * leaves out processes and files that a test server does not need.
 */
const nonDurable: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // One process less to start; subscriptions need it back.
  max_logical_replication_workers: '0',
  // Copies of databases ask for checkpoints, which would push out of the log what somebody looks for there.
  log_checkpoints: 'off',
  jit: 'off',
  // It would write into databases that somebody is about to prove untouched, and hold up copies of templates.
  autovacuum: 'off',
};

/** What the server is to be told on its command line, as `-c name=value` pairs. */
export function postgresArguments({
  maxConnections,
  settings,
}: Pick<PostgresSettings, 'maxConnections' | 'settings'>): string[] {
  const all = { ...nonDurable, max_connections: String(maxConnections), ...settings };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
