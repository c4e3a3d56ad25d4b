/** Who might still write to a database. */
export interface OpenSessions {
  /** The sessions that were still open, and are being ended: who they said they are, `null` for the server itself. */
  readonly sessions: readonly (string | null)[];
  /** The processes of sessions that are beginning, on this database or another: nobody can tell yet. */
  readonly beginning: readonly number[];
}

export interface SessionRow {
  readonly pid: number;
  readonly name: string | null;
  /** Whether it is a session on the database, rather than one that is beginning. */
  readonly here: boolean;
}

/**
 * Statements that find them, the last of which gives a {@link SessionRow} for each and ends those on the database.
 *
 * A session that is beginning is not in the list yet, but inside a transaction (PostgreSQL, src/backend/utils/init/postinit.c,
 * InitPostgres), and so has a lock on its own number. These locks are read first: whoever has none has begun and is
 * listed, or has yet to find out that its user has another name now.
 */
export function openSessions(database: string, kept = 0): string[] {
  return [
    `SELECT set_config('mayfly.transactions', coalesce((SELECT string_agg(pid::text, ',') FROM pg_locks
      WHERE locktype = 'virtualxid' AND pid <> pg_backend_pid()), ''), true)`,
    `SELECT pid, name, here FROM (
      SELECT pid, CASE backend_type WHEN 'client backend' THEN application_name END AS name,
        pg_terminate_backend(pid) IS NOT NULL AS here
      FROM pg_stat_activity WHERE datname = ${database} AND pid NOT IN (pg_backend_pid(), ${kept})
      UNION ALL
      SELECT t.pid::int, NULL, false FROM unnest(string_to_array(current_setting('mayfly.transactions'), ',')) t (pid)
      LEFT JOIN pg_stat_activity a ON a.pid = t.pid::int
      WHERE a.pid IS NULL OR a.datid IS NULL AND a.backend_type = 'client backend'
    ) s`,
  ];
}
