import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../fixtures/isolation/lease-server.ts';
import { runSql } from '../../../fixtures/isolation/lease-source.ts';
import { endSession } from './end-session.ts';

const server = useLeaseServer(useOwnState());
const program = join(import.meta.dirname, '../../../fixtures/programs/use-many-leases.ts');

const existing = `SELECT coalesce(string_agg(name, ', '), '') FROM (
  SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles
  UNION ALL SELECT application_name FROM pg_stat_activity WHERE datname LIKE 'mayfly%') s (name) WHERE name LIKE 'mayfly%'`;

/** Raise these by hand, to thousands; `npm run bench` takes 2,000. */
const rounds = { recycle: 200, clone: 60, transaction: 400 };

test.each(['recycle', 'clone', 'transaction'] as const)(
  'many leases in one process, in mode %s, leave neither memory nor anything on the server',
  async (mode) => {
    await runSql(server.details.url, 'DROP DATABASE IF EXISTS mayfly WITH (FORCE)');
    const session = `feed${mode.length}`;
    const options = { session, mode, isShared: false, sql: 'CREATE TABLE a (n serial)', digest: mode };

    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      program,
      JSON.stringify({ server: server.details, options, rounds: rounds[mode] }),
    ]);
    await endSession(server.details, session);

    const { growth } = JSON.parse(stdout) as { growth: number };
    expect(growth).toBeLessThan(20_000_000);
    expect(await server.ask(existing)).toBe('mayfly');
  },
);
