import { MayflyError } from '../../../errors/mayfly-error.ts';
import { noRoomRemedy, saysNoRoom } from '../../../errors/no-room.ts';
import { reasonOf } from '../../../errors/reason.ts';
import { psqlInputAt } from './psql-input.ts';
import type { Migration } from './read-migrations.ts';
import { excerptAt, indexOfPosition, lineAt } from './source-position.ts';

/** What was sent when a migration failed, and what is known of the place. */
export interface Attempt {
  readonly migration: Migration;
  /** The text that was sent. */
  readonly sql: string;
  /** Where that text begins in the migration's, in UTF-16 code units. */
  readonly offset: number;
  /** Where the statement begins that failed, for an error of which the server gives no position. */
  readonly statement: number | undefined;
}

/** The fields of a server's error, as pg gives them. */
interface ServerError extends Error {
  readonly code?: string;
  readonly position?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
}

/** Says which file failed and in which line, in the server's words. */
export function migrationFailed(attempt: Attempt, cause: unknown): MayflyError {
  const { migration, sql, offset } = attempt;
  const error: ServerError = cause instanceof Error ? cause : new Error(String(cause));
  const index = error.position === undefined ? undefined : indexOfPosition(sql, error.position);
  const psqlInput = psqlInputAt(sql, index, { code: error.code, message: error.message });
  const place = index === undefined ? attempt.statement : offset + index;
  const what = place === undefined ? migration.file : `${migration.file}:${lineAt(migration.sql, place)}`;
  const because = psqlInput === undefined ? reasonOf(error) : `it has ${psqlInput} (${reasonOf(error)})`;
  const more = [
    ...(place === undefined ? [] : [excerptAt(migration.sql, place)]),
    ...Object.entries({ Detail: error.detail, Hint: error.hint, Where: error.where }).flatMap(([label, text]) =>
      text === undefined ? [] : [`${label}: ${text}`],
    ),
  ];
  return failed([`The migration ${what} failed: ${because}.`, ...more].join('\n'), remedyFor(error, psqlInput), cause);
}

/** Says that a file began a transaction and did not end it. */
export function transactionLeftOpen({ file }: Migration): MayflyError {
  return failed(
    `The migration ${file} left a transaction open.`,
    'End it with COMMIT, or remove its BEGIN: a file runs in a transaction of its own.',
  );
}

function remedyFor(error: ServerError, psqlInput: string | undefined): string {
  if (psqlInput !== undefined) {
    return 'Make the dump with pg_dump --inserts, and remove the lines that begin with a backslash.';
  }
  if (saysNoRoom(error)) {
    return noRoomRemedy;
  }
  if (endsSession(error)) {
    return 'The session ended with it: remove what ends it, such as pg_terminate_backend, or see the log of the server.';
  }
  // Active SQL transaction, and the use of a value that ALTER TYPE … ADD VALUE has added in the same one.
  if (error.code === '25001' || error.code === '55P04') {
    return 'Write "-- mayfly:no-transaction" into the file, and its statements run one by one, without a transaction.';
  }
  return 'Correct the migration.';
}

/** Class 57P is the server's own intervention; an error without a severity comes from the connection. */
function endsSession(error: ServerError): boolean {
  return error.code?.startsWith('57P0') === true || !('severity' in error);
}

function failed(message: string, remedy: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_MIGRATION_FAILED', {
    message,
    remedy,
    service: 'postgres',
    phase: 'provision',
    cause,
  });
}
