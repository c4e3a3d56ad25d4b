import { escapeLiteral } from 'pg';
import type { PostgresDetails } from '../../../connection/details.ts';
import { proofColumns, proofTables } from '../database/proof-query.ts';
import { connectAdmin, type AdminConnection } from '../server/admin-connection.ts';
import { faithfulText, sequencesQuery, type Baseline } from '../template/baseline.ts';
import { beginningQuery, sessionsQuery } from './open-sessions.ts';

/**
 * A connection to a database by which it can be examined and put back. What is asked again and again is prepared; and
 * triggers and foreign keys are off from the beginning, for to switch them is to lose all plans (PostgreSQL,
 * src/backend/commands/variable.c, assign_session_replication_role).
 */
export function connectInside(server: PostgresDetails, database: string, { sequences }: Baseline): AdminConnection {
  const name = escapeLiteral(database);
  return connectAdmin(server, database, [
    // What a test has named like something of ours is not meant, and a lock that nobody gives back is not waited for.
    `${faithfulText} SET lock_timeout = 1000; SET session_replication_role = replica`,
    // A test may have set these for every session on its database.
    'SET default_transaction_read_only = off; SET statement_timeout = 0',
    `PREPARE mayfly_beginning AS ${beginningQuery}`,
    `PREPARE mayfly_sessions (int, boolean) AS ${sessionsQuery(name)}`,
    `PREPARE mayfly_proof AS SELECT ${proofColumns.replaceAll('$1', () => name)},
      EXISTS (SELECT FROM pg_prepared_xacts WHERE database = ${name}) AS "isInDoubt",
      current_setting('track_counts')::boolean AS "isCounted"
      FROM ${proofTables.replaceAll('$1', () => name)}`,
    `PREPARE mayfly_written AS ${writtenQuery}`,
    // One that has gone, with what it counted for, is noticed by its absence.
    `PREPARE mayfly_sequences AS ${sequencesQuery(sequences.map((sequence) => sequence.name))}`,
    `PREPARE mayfly_others (int) AS SELECT count(*)::int AS sessions
      FROM pg_stat_activity WHERE datname = ${name} AND pid NOT IN (pg_backend_pid(), $1)`,
    `PREPARE mayfly_catalogue AS ${catalogueQuery}`,
  ]);
}

/**
 * Whatever is written to the large values of a table is written to the table. VACUUM writes nothing that is counted, and
 * moves no row, but later rows may then lie before earlier ones.
 */
const writtenQuery = `
  SELECT coalesce(o.oid, c.oid)::int8::float AS oid, sum(pg_relation_size(c.oid))::float AS size
  FROM pg_class c LEFT JOIN pg_class o ON o.reltoastrelid = c.oid
  WHERE c.relkind IN ('r', 'm', 't', 'p') AND NOT c.relisshared AND (
    pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0
    OR c.oid >= 16384 AND pg_stat_get_vacuum_count(c.oid) + pg_stat_get_autovacuum_count(c.oid) > 0)
  GROUP BY 1`;

/** How often the catalogue was written to, beyond `pg_class`. */
const catalogueQuery = `
  SELECT coalesce(sum(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid)
    + pg_stat_get_tuples_deleted(oid)), 0)::int8::float AS catalogue
  FROM pg_class WHERE oid < 16384 AND oid <> 'pg_class'::regclass AND NOT relisshared AND relkind IN ('r', 't')`;
