import type { AdminConnection } from './admin-connection.ts';

/** What there is to know of a server before its databases are handed out. */
export interface ServerFacts {
  /** Its `server_version_num`, such as 180004. */
  readonly version: number;
  /** How many connections it accepts, those reserved for superusers left out. */
  readonly connections: number;
  /** How many of them are held by others than Mayfly. */
  readonly heldByOthers: number;
  /** Whether our user may make roles with any right, undo what others wrote and end their sessions. */
  readonly isSuperuser: boolean;
  /** A digest of the extensions that it can give. */
  readonly extensions: string;
}

/** Asks a server for them, in one statement. */
export async function readServerFacts(admin: AdminConnection): Promise<ServerFacts> {
  const { rows } = await admin.query<ServerFacts>(`
    SELECT current_setting('server_version_num')::int AS version,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) AS connections,
      (SELECT count(*)::int FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND application_name NOT LIKE 'mayfly%'
          AND datname NOT IN (SELECT database FROM mayfly_1.database)) AS "heldByOthers",
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS "isSuperuser",
      (SELECT md5(string_agg(name || ' ' || default_version, ',' ORDER BY name)) FROM pg_available_extensions)
        AS extensions`);
  return rows[0] as ServerFacts;
}
