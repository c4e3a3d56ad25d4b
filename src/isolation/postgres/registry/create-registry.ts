import pg from 'pg';
import type { PostgresDetails } from '../../../connection/details.ts';
import { connectAdmin } from '../server/admin-connection.ts';
import { registryDatabase } from './registry-schema.ts';

/** Makes the database of the registry, unless somebody else is faster. Who may enter it is said with its schema. */
export async function createRegistry(server: PostgresDetails): Promise<void> {
  await using connection = connectAdmin(server, server.database);
  try {
    await connection.query(`CREATE DATABASE ${registryDatabase} TEMPLATE template0`);
  } catch (error) {
    // Somebody else was faster: both codes are seen, depending on how much.
    if (!(error instanceof pg.DatabaseError && ['42P04', '23505'].includes(error.code ?? ''))) {
      throw error;
    }
  }
}
