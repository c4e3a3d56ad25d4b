import { escapeIdentifier } from 'pg';
import type { AdminConnection } from '../server/admin-connection.ts';
import type { CopyStrategy } from './create-database.ts';

/**
 * Makes the run's own database, which is not leased, a copy of the template. Whoever is connected to it loses the
 * connection: it is to be called before anybody is.
 */
export async function fillRunDatabase(
  admin: AdminConnection,
  database: string,
  template: string,
  strategy: CopyStrategy,
): Promise<void> {
  const name = escapeIdentifier(database);
  const copy = strategy === undefined ? '' : ` STRATEGY ${strategy}`;
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${escapeIdentifier(template)}${copy}`);
}
