import { escapeIdentifier, escapeLiteral } from 'pg';
import { leaseUser } from '../lease-user.ts';
import type { Proof } from '../registry/registry.ts';
import type { AdminConnection } from '../server/admin-connection.ts';
import { scramVerifier } from '../server/scram-verifier.ts';
import { proofQuery } from './proof-query.ts';

/** What a copy of a template is to be. */
export interface NewDatabase {
  readonly database: string;
  readonly template: string;
  readonly password: string;
  /** How many connections its user may have. */
  readonly connections: number;
  readonly access: LeaseAccess;
}

/**
 * Who uses the databases of leases: a `member` of the template's owner, made for each, a `superuser`, made for each, or
 * our `own` user, where that may not make others.
 */
export type LeaseAccess = 'member' | 'superuser' | 'own';

/** How a copy is made; `undefined` leaves it to the server. */
export type CopyStrategy = 'FILE_COPY' | undefined;

/**
 * Copies a template. The copy belongs to a user of its own, so that the limit binds it, and so that what it says about
 * itself (its password, its settings) is nobody else's.
 */
export async function createDatabase(
  admin: AdminConnection,
  { database, template, password, connections, access }: NewDatabase,
  strategy: CopyStrategy,
): Promise<Proof> {
  const name = escapeIdentifier(database);
  const user = escapeIdentifier(leaseUser({ database, password }));
  const owner = access === 'own' ? '' : ` OWNER ${user}`;
  if (access !== 'own') {
    const role = access === 'superuser' ? 'SUPERUSER' : `IN ROLE ${escapeIdentifier(template)}`;
    await admin.query(
      `CREATE ROLE ${user} LOGIN CONNECTION LIMIT ${connections} PASSWORD ${escapeLiteral(scramVerifier(password))} ${role}`,
    );
  }
  const copy = strategy === undefined ? '' : ` STRATEGY ${strategy}`;
  await admin.query(
    `CREATE DATABASE ${name} TEMPLATE ${escapeIdentifier(template)}${copy}${owner} CONNECTION LIMIT ${connectionLimit(connections)}`,
  );
  // Another lease's user has no business here, nor has anybody else.
  await admin.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  const { rows } = await admin.query<Proof>(proofQuery, [database]);
  return rows[0] as Proof;
}

/** Of a whole database: Mayfly's own connection, which sees to it that nothing is left, is one more. */
export function connectionLimit(connections: number): number {
  return connections + 1;
}
