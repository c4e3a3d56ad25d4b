import { ownApplication } from '../server/admin-config.ts';

/** Who might still write to a database. */
export interface OpenSessions {
  /** The sessions that are still open: who they said they are, `null` for the server itself. */
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
 * To be asked in the same message before {@link sessionsQuery}: who is inside a transaction.
 *
 * A session compares the password with what it read when it began to, however long its client takes to answer: one that
 * began before the password was changed may pass afterwards. It is not in the list of sessions yet, but it is inside a
 * transaction (PostgreSQL, src/backend/utils/init/postinit.c, InitPostgres), and so has a lock on its own number. These
 * locks are read first: whoever has none has begun and is listed, or has yet to read the password.
 */
export const beginningQuery: string = `
  SELECT set_config('mayfly.transactions', coalesce((SELECT string_agg(pid::text, ',') FROM pg_locks
    WHERE locktype = 'virtualxid' AND pid <> pg_backend_pid()), ''), true)`;

/**
 * Gives a {@link SessionRow} for each session, but for `$1`, and ends those on the database if `$2`; our own of other
 * processes, which were kept for a next lease, in any case.
 */
export function sessionsQuery(database: string): string {
  return `
    SELECT pid, name, here FROM (
      SELECT pid, CASE backend_type WHEN 'client backend' THEN application_name END AS name,
        (CASE WHEN $2 OR application_name = '${ownApplication}' THEN pg_terminate_backend(pid) ELSE true END) IS NOT NULL AS here
      FROM pg_stat_activity WHERE datname = ${database} AND pid NOT IN (pg_backend_pid(), $1)
      UNION ALL
      SELECT t.pid::int, NULL, false FROM unnest(string_to_array(current_setting('mayfly.transactions'), ',')) t (pid)
      LEFT JOIN pg_stat_activity a ON a.pid = t.pid::int
      WHERE a.pid IS NULL OR a.datid IS NULL AND a.backend_type = 'client backend'
    ) s`;
}
