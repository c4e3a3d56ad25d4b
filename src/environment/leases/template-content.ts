import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationFunction, Migrations } from '../../config/lease-definition.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import { withConnection } from '../../connection/postgres-connection.ts';
import { MayflyError, isMayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { applyMigrations } from '../../isolation/postgres/migrations/apply-migrations.ts';
import { readMigrations, type Migration } from '../../isolation/postgres/migrations/read-migrations.ts';
import type { TemplateContent } from '../../isolation/postgres/open-leases.ts';
import { digestInputs } from '../../isolation/postgres/template/inputs.ts';
import type { Fillers } from './prepared.ts';

/** What a template is made of. */
export interface TemplateSources extends Fillers {
  /** Where relative paths begin. */
  readonly directory: string;
  /** Keeps apart what nobody can tell to be out of date. */
  readonly session: string;
  /** Carries out what services prepare. */
  readonly prepare: (postgres: PostgresDetails, signal: AbortSignal) => Promise<void>;
}

/**
 * Everything that goes into the template: the migrations, then what services prepare.
 *
 * @throws MayflyError `MAYFLY_MIGRATIONS_UNREADABLE` or `MAYFLY_INPUT_MISSING`; its `build` `MAYFLY_MIGRATION_FAILED`, or
 * that of a service.
 */
export async function templateContent(sources: TemplateSources): Promise<TemplateContent> {
  const { migrations, services, directory, session, prepare } = sources;
  const digests: string[] = [];
  let isShared = true;
  const add = async (source: string, inputs: readonly (string | URL)[] | undefined): Promise<void> => {
    digests.push(digest(source), inputs === undefined ? session : await digestInputs(inputs, directory));
    isShared &&= inputs !== undefined;
  };

  const files = isDirectory(migrations) ? await readMigrations(pathOf(migrations, directory)) : [];
  if (files.length > 0) {
    digests.push(digest(files.map(({ name, sql, transaction }) => [name, sql, transaction])));
  }
  const run = functionOf(migrations);
  if (run !== undefined) {
    await add(String(run.run), run.inputs);
  }
  for (const { name, preparation } of services) {
    if (preparation !== undefined) {
      await add(`${name} ${preparation.source}`, preparation.inputs);
    }
  }
  return {
    digests,
    isShared,
    build: async (postgres, signal) => {
      await applyFiles(postgres, files, signal);
      await run?.call(postgres);
      await prepare(postgres, signal);
    },
  };
}

async function applyFiles(postgres: PostgresDetails, files: readonly Migration[], signal: AbortSignal): Promise<void> {
  if (files.length > 0) {
    const { url, runtime } = postgres;
    const config = { connectionString: url, ...(runtime !== 'external' && { ssl: false }) };
    await withConnection(config, (client) => applyMigrations(client, files, signal));
  }
}

interface RunnableMigrations {
  readonly run: MigrationFunction;
  readonly inputs: readonly (string | URL)[] | undefined;
  readonly call: (postgres: PostgresDetails) => Promise<void>;
}

function functionOf(migrations: Migrations | undefined): RunnableMigrations | undefined {
  if (migrations === undefined || isDirectory(migrations)) {
    return undefined;
  }
  const { run, inputs } = typeof migrations === 'function' ? { run: migrations, inputs: undefined } : migrations;
  const call = async (postgres: PostgresDetails): Promise<void> => {
    try {
      await run(postgres);
    } catch (error) {
      throw isMayflyError(error) ? error : failed(error);
    }
  };
  return { run, inputs, call };
}

function isDirectory(migrations: Migrations | undefined): migrations is string | URL {
  return typeof migrations === 'string' || migrations instanceof URL;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function failed(cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_MIGRATION_FAILED', {
    message: `The definition's function for migrations failed: ${reasonOf(cause)}.`,
    remedy: 'Mend the migration that it complains of.',
    service: 'postgres',
    phase: 'provision',
    cause,
  });
}

function pathOf(directory: string | URL, base: string): string {
  return directory instanceof URL ? fileURLToPath(directory) : resolve(base, directory);
}
