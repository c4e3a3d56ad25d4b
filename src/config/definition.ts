import { z } from 'zod';
import { runtimeNames, type RuntimeName } from '../connection/runtime-name.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { Service } from '../service/service.ts';
import { leaseSchema, migrationsSchema, type LeaseDefinition, type Migrations } from './lease-definition.ts';

/** What to run as Postgres. */
export interface PostgresDefinition {
  /** For the docker runtime; `postgres:18-alpine` where it is left out. */
  readonly image?: string | undefined;
  /** A server that runs already: none is started, and the run gets a database of its own on it. */
  readonly url?: string | undefined;
  /** The port on this machine; a free one where it is left out. */
  readonly port?: number | undefined;
  /** The server's `max_connections`; 200 where it is left out, more where there are more than 19 workers. */
  readonly maxConnections?: number | undefined;
  /** Further server settings by name, such as `{ wal_level: 'logical', max_wal_senders: '4' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** What to run as Redis. */
export interface RedisDefinition {
  /** For the docker runtime; `redis:8-alpine` where it is left out. */
  readonly image?: string | undefined;
  /** A server that runs already: none is started. */
  readonly url?: string | undefined;
  /** The port on this machine; a free one where it is left out. */
  readonly port?: number | undefined;
  /** How many logical databases the server has, one for each lease; 128 where it is left out. */
  readonly databases?: number | undefined;
}

/** What an environment consists of. Every field may be left out: then it is Postgres and Redis. */
export interface EnvironmentDefinition {
  /** `auto`, the default, takes Docker where it can be used and else plain processes. */
  readonly runtime?: RuntimeName | 'auto' | undefined;
  /** `false` leaves Postgres out. */
  readonly postgres?: PostgresDefinition | false | undefined;
  /** `false` leaves Redis out. */
  readonly redis?: RedisDefinition | false | undefined;
  /** What is to be in the database: a directory of .sql files, or a function. */
  readonly migrations?: Migrations | undefined;
  /** How databases and Redis spaces are handed out to tests. */
  readonly leases?: LeaseDefinition | undefined;
  /** Further services, made by `defineService` or `containerService`. */
  readonly services?: readonly Service[] | undefined;
  /** How many services start or stop at the same time at the most; all that can where it is left out. */
  readonly concurrency?: number | undefined;
  /** For the whole teardown, in milliseconds; 8,000 where it is left out, less than vitest's own deadline of 10,000. */
  readonly teardownTimeout?: number | undefined;
}

/** Allows only the fields that a definition has: the compiler would otherwise let a misspelt one pass. */
export type Exactly<Definition> = { readonly [Field in Exclude<keyof Definition, keyof EnvironmentDefinition>]: never };

/** What the definitions of both servers have. */
const server = {
  image: z.string().min(1).optional(),
  url: z.string().optional(),
  port: z.int().min(1).max(65_535).optional(),
};

const service = z.custom<Service>(
  (value) => typeof value === 'object' && value !== null && 'name' in value && 'timeouts' in value && 'start' in value,
  'expected a service made by defineService or containerService',
);

/** These fields, or `false`. Not a union, which would not say in which field the mistake is. */
const orFalse = (fields: z.ZodRawShape): z.ZodType =>
  z.preprocess((value) => (value === false ? undefined : value), z.strictObject(fields).optional()).optional();

const definitionSchema = z
  .strictObject({
    runtime: z.enum(['auto', ...runtimeNames]).optional(),
    postgres: orFalse({
      ...server,
      maxConnections: z.int().min(4).max(262_143).optional(),
      settings: z.record(z.string().regex(/^[a-z_.0-9]+$/i), z.string()).optional(),
    }),
    redis: orFalse({
      ...server,
      databases: z.int().min(1).max(100_000).optional(),
    }),
    migrations: migrationsSchema.optional(),
    leases: leaseSchema.optional(),
    services: z.array(service).readonly().optional(),
    concurrency: z.int().min(1).optional(),
    teardownTimeout: z.int().min(1).optional(),
  })
  .refine(({ leases, services = [] }) => leases?.mode !== 'transaction' || !services.some(isOfLease), {
    path: ['leases', 'mode'],
    error: 'services of leases have connections of their own, which would see nothing of the one transaction',
  });

function isOfLease({ scope }: Service): boolean {
  return scope === 'lease';
}

/**
 * States what an environment consists of: the default export of `mayfly.config.ts`, or the argument of
 * `startEnvironment`.
 *
 * @throws MayflyError `MAYFLY_DEFINITION_INVALID`, or `MAYFLY_RUNTIME_UNKNOWN` for the runtime's name.
 *
 * @example
 * ```ts
 * export default defineEnvironment({ postgres: { maxConnections: 200 }, services: [mailbox] });
 * ```
 */
export function defineEnvironment<const Definition extends EnvironmentDefinition>(
  definition: Definition & Exactly<Definition>,
): Definition {
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) {
    const isRuntime = parsed.error.issues[0]?.path[0] === 'runtime';
    throw new MayflyError(isRuntime ? 'MAYFLY_RUNTIME_UNKNOWN' : 'MAYFLY_DEFINITION_INVALID', {
      message: `The definition of the environment is not valid:\n${z.prettifyError(parsed.error)}\n`,
      remedy: 'Correct the fields named above.',
      phase: 'configure',
    });
  }
  return definition;
}
