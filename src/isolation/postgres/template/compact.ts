import type { AdminConnection } from '../server/admin-connection.ts';
import { largestOnDisk } from './baseline.ts';

/**
 * Writes the tables anew that hold the remains of deleted rows: the server would put later rows in their place, before
 * earlier ones, in a copy but not in one that was emptied and filled again.
 */
export async function compact(admin: AdminConnection): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.oid >= 16384 AND pg_relation_size(c.oid) <= ${largestOnDisk}
        AND pg_stat_get_dead_tuples(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0
      ORDER BY c.oid`,
    [],
  );
  for (const { name } of rows) {
    await admin.query(`VACUUM (FULL) ${name}`);
  }
}
