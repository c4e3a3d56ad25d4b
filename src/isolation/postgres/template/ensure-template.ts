import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { PostgresDetails } from '../../../connection/details.ts';
import { isMayflyError, MayflyError } from '../../../errors/mayfly-error.ts';
import { withDeadline } from '../../../service/deadline.ts';
import { pause } from '../../../service/pause.ts';
import { pollUntilFound, pollUntilReady } from '../../../service/poll.ts';
import { dropDatabase } from '../database/drop-database.ts';
import { registryDatabase } from '../registry/registry-schema.ts';
import type { Registry } from '../registry/registry.ts';
import { beginTemplate, describeTemplate, findTemplate, forgetTemplate } from '../registry/template-registry.ts';
import { urlOf } from '../server/admin-config.ts';
import { connectAdmin, type AdminConnection } from '../server/admin-connection.ts';
import { scramVerifier } from '../server/scram-verifier.ts';
import { readBaseline, type Baseline } from './baseline.ts';
import { compact } from './compact.ts';

/** How long a template may take to be built, here or by somebody else who builds the same one, in milliseconds. */
const buildTimeout = 300_000;

export interface TemplateOptions {
  readonly server: PostgresDetails;
  readonly registry: Registry;
  /** Names the template by everything that goes into it. */
  readonly template: string;
  /** Whether other runs may use it too. */
  readonly isShared: boolean;
  readonly isSuperuser: boolean;
  readonly signal: AbortSignal;
  /** Tells the user about something unusual. */
  readonly note: (message: string) => void;
  /** Fills the database, which it reaches as a superuser where our own user is one. */
  readonly build: (postgres: PostgresDetails, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes a template unless it is there: built, then its content read, then sealed, and so marked as complete, last. One
 * that is not sealed was left by somebody who did not finish: it is dropped and built anew. Whoever comes while it is
 * built waits.
 *
 * @throws MayflyError `MAYFLY_TEMPLATE_TIMEOUT` when somebody else builds it for too long; whatever `build` throws.
 * Nothing of it is left then.
 */
export async function ensureTemplate(options: TemplateOptions): Promise<Baseline> {
  const { registry, template, server, signal } = options;
  const known = await findTemplate(registry, template);
  if (known !== undefined) {
    return known;
  }
  // The lock goes with the connection, should this process end.
  await using builder = connectAdmin(server, registryDatabase);
  await lock(builder, template, signal);
  return (await findTemplate(registry, template)) ?? (await build(builder, options));
}

async function lock(builder: AdminConnection, template: string, signal: AbortSignal): Promise<void> {
  const deadline = {
    ms: buildTimeout,
    signal,
    expired: () =>
      new MayflyError('MAYFLY_TEMPLATE_TIMEOUT', {
        message: `Somebody else has been building the template ${template} for ${buildTimeout / 1000} s.`,
        remedy: 'Find out what its migrations wait for: `SELECT * FROM pg_stat_activity` shows it.',
        service: 'postgres',
        phase: 'start',
      }),
  };
  const tryLock = async (): Promise<true | undefined> => {
    const { rows } = await builder.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(hashtextextended(${escapeLiteral(template)}, 0)) AS locked`,
    );
    return rows[0]?.locked === true ? true : undefined;
  };
  await withDeadline(deadline, (bounded) => pollUntilFound(tryLock, bounded));
}

function tooLong(): MayflyError {
  return new MayflyError('MAYFLY_TEMPLATE_TIMEOUT', {
    message: `The database was not prepared within ${buildTimeout / 1000} s.`,
    remedy: 'Find out what the migrations, or a `prepare`, wait for.',
    service: 'postgres',
    phase: 'provision',
  });
}

async function build(builder: AdminConnection, options: TemplateOptions): Promise<Baseline> {
  const { server, registry, template, isShared, isSuperuser, signal } = options;
  const name = escapeIdentifier(template);
  const connect = (database: string): AdminConnection => connectAdmin(server, database);
  const discard = async (): Promise<void> => {
    await dropDatabase(builder, template, connect);
    await forgetTemplate(registry, template);
  };
  await discard();
  await beginTemplate(registry, template, isShared);
  try {
    const owner = isSuperuser ? await createOwner(builder, template) : undefined;
    await builder.query(`CREATE DATABASE ${name} TEMPLATE template0${owner === undefined ? '' : ` OWNER ${name}`}`);
    await withDeadline({ ms: buildTimeout, signal, expired: tooLong }, (bounded) =>
      options.build(inTemplate(server, template, owner), bounded),
    );
    await noteLeftovers(builder, template, options.note);
    if (owner !== undefined) {
      // Before anything is read: what the build left behind could come back and write.
      await builder.query(`ALTER ROLE ${name} NOLOGIN NOSUPERUSER`);
    }
    const baseline = await inspect(connect(template), template, isSuperuser);
    await describeTemplate(registry, template, baseline);
    await builder.query(`ALTER DATABASE ${name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
    await endSessions(builder, template);
    return baseline;
  } catch (error) {
    await discard().catch(() => {});
    throw error;
  }
}

/** For how many looks connections may end by themselves: a pool says that it has ended before they have. */
const looksForEnding = 40;

/**
 * Says whose connections are about to be ended. A client that nobody listens to ends the process then, before it could
 * be told anything else (node-postgres#3083).
 */
async function noteLeftovers(admin: AdminConnection, template: string, note: (message: string) => void): Promise<void> {
  for (let look = 0; look < looksForEnding; look += 1) {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT application_name AS name FROM pg_stat_activity WHERE datname = ${escapeLiteral(template)}`,
    );
    if (rows.length === 0) {
      return;
    }
    if (look === looksForEnding - 1) {
      const names = rows.map(({ name }) => `"${name}"`).join(', ');
      note(
        `What prepared the database left ${rows.length} connections open (${names}), which are ended: close them there`,
      );
    }
    await pause(5, new AbortController().signal);
  }
}

/** A superuser for as long as the template is built, for extensions; afterwards a group that users of leases are in. */
async function createOwner(builder: AdminConnection, template: string): Promise<Owner> {
  const password = randomBytes(24).toString('hex');
  const verifier = escapeLiteral(scramVerifier(password));
  await builder.query(`CREATE ROLE ${escapeIdentifier(template)} LOGIN SUPERUSER PASSWORD ${verifier}`);
  return { user: template, password };
}

interface Owner {
  readonly user: string;
  readonly password: string;
}

function inTemplate(server: PostgresDetails, database: string, owner?: Owner): PostgresDetails {
  const login = owner ?? { user: server.user, password: server.password };
  return { ...server, ...login, database, url: urlOf({ ...server, ...login, database }) };
}

async function inspect(inside: AdminConnection, template: string, isSuperuser: boolean): Promise<Baseline> {
  await using connection = inside;
  // What the build left open could still write.
  await endSessions(connection, template);
  if (isSuperuser) {
    await compact(connection);
  }
  const baseline = await readBaseline(connection, { withRows: isSuperuser });
  if (isSuperuser) {
    // Autovacuum comes to sealed databases too, and would make later copies differ from what was read.
    await connection.query('SELECT pg_stat_reset()');
  }
  return baseline;
}

async function endSessions(admin: AdminConnection, database: string): Promise<void> {
  const end = async (): Promise<void> => {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = ${escapeLiteral(database)} AND pid <> pg_backend_pid()`,
    );
    if (rowCount !== 0) {
      throw new Error('there are sessions on the template');
    }
  };
  await pollUntilReady(end, { signal: AbortSignal.timeout(10_000), onFailure: unlessAnswered });
}

/** The server's own sessions come and go, and not everybody may end them; but there is no waiting for a server without room. */
function unlessAnswered(error: unknown): void {
  if (isMayflyError(error)) {
    throw error;
  }
}
