import { availableParallelism } from 'node:os';
import type { RuntimeName } from '../connection/runtime-name.ts';
import type { Service } from '../service/service.ts';
import type { EnvironmentDefinition } from './definition.ts';
import type { LeaseDefinition, LeaseMode, Migrations } from './lease-definition.ts';
import type { ProcessEnv } from './process-env.ts';

/** How a Postgres is to be run: every option decided. */
export interface PostgresSettings {
  readonly image: string;
  /** Of a server that runs already. */
  readonly url: string | undefined;
  /** The port on this machine, or `undefined` for a free one. */
  readonly port: number | undefined;
  /** The server's `max_connections`, in connections. */
  readonly maxConnections: number;
  /** Further server settings, which win over Mayfly's own. */
  readonly settings: Readonly<Record<string, string>>;
}

/** How a Redis is to be run: every option decided. */
export interface RedisSettings {
  readonly image: string;
  /** Of a server that runs already. */
  readonly url: string | undefined;
  /** The port on this machine, or `undefined` for a free one. */
  readonly port: number | undefined;
  /** How many logical databases the server has. */
  readonly databases: number;
}

/** How leases are handed out: every option decided that can be before the server is known. */
export interface LeaseSettings {
  readonly mode: LeaseMode;
  readonly workers: number;
  readonly concurrency: number;
  /** Connections that one lease may hold, if the server has as many. */
  readonly connections: number;
  /** `undefined` for what the workers need. */
  readonly ready: number | undefined;
  /** In milliseconds, as the next. */
  readonly timeout: number;
  readonly poolTimeout: number;
  readonly superuser: boolean;
  readonly keepFailed: boolean;
}

/** A definition in which nothing is left open. */
export interface Settings {
  readonly runtime: RuntimeName | 'auto';
  /** Who decided on the runtime, for the line that says so. */
  readonly decidedBy: '--runtime' | 'MAYFLY_RUNTIME' | 'the definition' | 'default';
  readonly postgres: PostgresSettings | undefined;
  readonly redis: RedisSettings | undefined;
  readonly migrations: Migrations | undefined;
  readonly leases: LeaseSettings;
  readonly services: readonly Service[];
  readonly concurrency: number;
  /** In milliseconds. */
  readonly teardownTimeout: number;
}

/** Decides every option: the command line comes before the environment variables, and these before the definition. */
export function resolveSettings(
  definition: EnvironmentDefinition,
  variables: ProcessEnv,
  commandLine: { readonly runtime?: RuntimeName | 'auto' | undefined } = {},
): Settings {
  const leases = resolveLeases(definition.leases ?? {}, variables);
  return {
    ...decideRuntime(definition, variables, commandLine),
    postgres: definition.postgres === false ? undefined : resolvePostgres(definition.postgres ?? {}, variables, leases),
    redis: definition.redis === false ? undefined : resolveRedis(definition.redis ?? {}, variables),
    migrations: definition.migrations,
    leases,
    services: definition.services ?? [],
    concurrency: definition.concurrency ?? Number.POSITIVE_INFINITY,
    teardownTimeout: definition.teardownTimeout ?? 8_000,
  };
}

function decideRuntime(
  definition: EnvironmentDefinition,
  variables: ProcessEnv,
  commandLine: { readonly runtime?: RuntimeName | 'auto' | undefined },
): Pick<Settings, 'runtime' | 'decidedBy'> {
  if (commandLine.runtime !== undefined) {
    return { runtime: commandLine.runtime, decidedBy: '--runtime' };
  }
  if (variables.runtime !== undefined) {
    return { runtime: variables.runtime, decidedBy: 'MAYFLY_RUNTIME' };
  }
  if (definition.runtime !== undefined) {
    return { runtime: definition.runtime, decidedBy: 'the definition' };
  }
  return { runtime: 'auto', decidedBy: 'default' };
}

function resolvePostgres(
  definition: Exclude<EnvironmentDefinition['postgres'], false | undefined>,
  variables: ProcessEnv,
  leases: LeaseSettings,
): PostgresSettings {
  return {
    image: variables.postgresImage ?? definition.image ?? 'postgres:18-alpine',
    url: variables.databaseUrl ?? definition.url,
    port: definition.port,
    maxConnections: definition.maxConnections ?? Math.max(roomForStorms, enoughConnections(leases)),
    settings: definition.settings ?? {},
  };
}

function resolveRedis(
  definition: Exclude<EnvironmentDefinition['redis'], false | undefined>,
  variables: ProcessEnv,
): RedisSettings {
  return {
    image: variables.redisImage ?? definition.image ?? 'redis:8-alpine',
    url: variables.redisUrl ?? definition.url,
    port: definition.port,
    databases: definition.databases ?? 128,
  };
}

function resolveLeases(definition: LeaseDefinition, { isCi }: ProcessEnv): LeaseSettings {
  return {
    mode: definition.mode ?? 'recycle',
    workers: definition.workers ?? availableParallelism(),
    concurrency: definition.concurrency ?? 1,
    connections: definition.connections ?? (isCi ? 5 : 10),
    ready: definition.ready,
    timeout: definition.timeout ?? 20_000,
    poolTimeout: definition.poolTimeout ?? 20_000,
    superuser: definition.superuser ?? false,
    keepFailed: definition.keepFailed ?? false,
  };
}

/**
 * Far more than leases may hold: Postgres looks at the limit of a user only when a connection has its place, so those that
 * it is about to refuse stand in the way of others meanwhile (PostgreSQL, src/backend/utils/init/postinit.c, InitPostgres).
 */
const roomForStorms = 200;

/** Six for each lease, and what Mayfly itself needs for each worker and in all. */
function enoughConnections({ workers, concurrency }: LeaseSettings): number {
  return 10 + workers * (4 + 6 * concurrency);
}
