import { EventEmitter } from 'node:events';
import type { Client } from 'pg';
import { migrationFailed, transactionLeftOpen, type Attempt } from './migration-failed.ts';
import type { Migration } from './read-migrations.ts';
import { isSplitReliably, splitStatements } from './split-statements.ts';

/**
 * Runs migrations in the order given, over one connection: a file in one transaction, or statement by statement if it
 * asks for that.
 *
 * After each file the session is as it was after connecting (DISCARD ALL), whatever the file set; so what the caller has
 * set, and advisory locks that this session holds, are gone as well: give settings with the connection, and hold locks in
 * another. The client needs an `error` listener, because a migration can end the session.
 *
 * @throws MayflyError `MAYFLY_MIGRATION_FAILED` when the server refuses a file, or a file leaves a transaction open or
 * ends the session; the signal's own reason as soon as it is aborted. Either way the connection is of no further use.
 */
export async function applyMigrations(
  client: Client,
  migrations: readonly Migration[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = (): void => abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // What becomes of the work after that is nobody's concern: race() listens to both.
    await Promise.race([applyInTurn(client, migrations, signal), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function applyInTurn(client: Client, migrations: readonly Migration[], signal: AbortSignal): Promise<void> {
  for (const migration of migrations) {
    await (migration.transaction ? applyWhole(client, migration) : applyByStatement(client, migration, signal));
    if (client.getTransactionStatus() !== 'I') {
      throw transactionLeftOpen(migration);
    }
    await send(client, { migration, sql: 'DISCARD ALL', offset: 0, statement: undefined });
    signal.throwIfAborted();
  }
}

/**
 * Several statements in one message are one transaction, unless they contain BEGIN or COMMIT themselves; one alone, such
 * as CREATE INDEX CONCURRENTLY, is in none (PostgreSQL, Multiple Statements in a Simple Query).
 */
async function applyWhole(client: Client, migration: Migration): Promise<void> {
  const { sql } = migration;
  const completed = countCompleted(client);
  try {
    await client.query(sql);
  } catch (error) {
    const failed = isSplitReliably(sql) ? splitStatements(sql)[completed.count] : undefined;
    throw migrationFailed({ migration, sql, offset: 0, statement: failed?.firstWord }, error);
  } finally {
    completed.stop();
  }
}

async function applyByStatement(client: Client, migration: Migration, signal: AbortSignal): Promise<void> {
  for (const { sql, offset, firstWord } of splitStatements(migration.sql)) {
    signal.throwIfAborted();
    await send(client, { migration, sql, offset, statement: firstWord });
  }
}

async function send(client: Client, attempt: Attempt): Promise<void> {
  try {
    await client.query(attempt.sql);
  } catch (error) {
    throw migrationFailed(attempt, error);
  }
}

/**
 * Counts the statements that have been completed: most errors, such as a table that exists, have no position, and this
 * tells which statement it was. pg has no public way to see them; without this event the line is missing from the message.
 */
function countCompleted(client: Client): { readonly count: number; readonly stop: () => void } {
  const connection: unknown = Reflect.get(client, 'connection');
  let count = 0;
  const onComplete = (): void => void (count += 1);
  if (connection instanceof EventEmitter) {
    connection.on('commandComplete', onComplete);
  }
  return {
    get count() {
      return count;
    },
    stop: () => void (connection instanceof EventEmitter && connection.off('commandComplete', onComplete)),
  };
}
