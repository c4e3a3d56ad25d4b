import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { runtimeNames, type RuntimeName } from '../connection/runtime-name.ts';
import { MayflyError } from '../errors/mayfly-error.ts';

/** What Mayfly takes from the environment variables. This file alone reads them. */
export interface ProcessEnv {
  readonly runtime: RuntimeName | 'auto' | undefined;
  readonly postgresImage: string | undefined;
  readonly redisImage: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly redisBinary: string | undefined;
  readonly logLevel: (typeof logLevels)[number];
  /** Keeps programs and fresh data directories from run to run. */
  readonly cacheDirectory: string;
  /** Where servers keep their data, instead of memory or the temporary directory. */
  readonly dataDirectory: string | undefined;
  /** Where sessions write down what they own. */
  readonly stateDirectory: string;
  /** The session whose environment this process was started in, by `mayfly run`. */
  readonly session: string | undefined;
  /** By which vitest tells the workers of a run apart: from 1 to `maxWorkers`. */
  readonly vitestWorker: string | undefined;
  /** Directories with programs. */
  readonly searchPath: string;
  readonly docker: DockerEnv;
  /** Whether this is a CI machine, by the variable that all of them set. */
  readonly isCi: boolean;
  /** Whether a terminal may be animated: not in CI, nor where it is dumb. */
  readonly canAnimate: boolean;
  /** Whether a package manager runs this process, as a script or by `npx`: it passes signals on that we get anyway. */
  readonly isScript: boolean;
}

/** What tells where a Docker daemon may be; Testcontainers reads the same and more. */
export interface DockerEnv {
  /** DOCKER_HOST. */
  readonly host: string | undefined;
  /** XDG_RUNTIME_DIR, in which a rootless daemon has its socket. */
  readonly runtimeDirectory: string | undefined;
  /** How servers in containers are reached, instead of what is found to be possible. */
  readonly network?: 'host' | 'published' | undefined;
  /** Whether Ryuk looks after containers, instead of where that is found to be needed. */
  readonly ryuk?: 'on' | 'off' | undefined;
}

const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const text = z.string().optional();

const variablesSchema = z.object({
  MAYFLY_RUNTIME: z.enum(['auto', ...runtimeNames]).optional(),
  MAYFLY_POSTGRES_IMAGE: text,
  MAYFLY_REDIS_IMAGE: text,
  MAYFLY_DOCKER_NETWORK: z.enum(['host', 'published']).optional(),
  MAYFLY_RYUK: z.enum(['on', 'off']).optional(),
  TESTCONTAINERS_RYUK_DISABLED: text,
  MAYFLY_DATABASE_URL: text,
  MAYFLY_REDIS_URL: text,
  MAYFLY_REDIS_BINARY: text,
  MAYFLY_LOG: z.enum(logLevels).default('silent'),
  MAYFLY_CACHE_DIR: text,
  MAYFLY_DATA_DIR: text,
  MAYFLY_STATE_DIR: text,
  MAYFLY_SESSION: text,
  VITEST_POOL_ID: text,
  DOCKER_HOST: text,
  XDG_RUNTIME_DIR: text,
  XDG_CACHE_HOME: text,
  PATH: z.string().default(''),
  CI: text,
  TERM: text,
  npm_lifecycle_event: text,
});

/**
 * Reads the environment variables once. One that is set to nothing counts as not set.
 *
 * @throws MayflyError `MAYFLY_VARIABLE_INVALID`, or `MAYFLY_RUNTIME_UNKNOWN` for the runtime's name.
 */
export function readProcessEnv(variables: Readonly<Record<string, string | undefined>> = process.env): ProcessEnv {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = variablesSchema.safeParse(set);
  if (!parsed.success) {
    throw invalid(parsed.error, set);
  }
  const { data } = parsed;
  return {
    runtime: data.MAYFLY_RUNTIME,
    postgresImage: data.MAYFLY_POSTGRES_IMAGE,
    redisImage: data.MAYFLY_REDIS_IMAGE,
    databaseUrl: data.MAYFLY_DATABASE_URL,
    redisUrl: data.MAYFLY_REDIS_URL,
    redisBinary: data.MAYFLY_REDIS_BINARY,
    logLevel: data.MAYFLY_LOG,
    // Servers work in directories of their own, where a relative path would mean something else.
    cacheDirectory: resolve(data.MAYFLY_CACHE_DIR ?? defaultCacheDirectory(data.XDG_CACHE_HOME)),
    dataDirectory: data.MAYFLY_DATA_DIR === undefined ? undefined : resolve(data.MAYFLY_DATA_DIR),
    stateDirectory: resolve(data.MAYFLY_STATE_DIR ?? join(tmpdir(), `mayfly-${process.getuid?.() ?? 'user'}`)),
    session: data.MAYFLY_SESSION,
    vitestWorker: data.VITEST_POOL_ID,
    searchPath: data.PATH,
    docker: {
      host: data.DOCKER_HOST,
      runtimeDirectory: data.XDG_RUNTIME_DIR,
      network: data.MAYFLY_DOCKER_NETWORK,
      ryuk: data.MAYFLY_RYUK ?? (data.TESTCONTAINERS_RYUK_DISABLED === 'true' ? 'off' : undefined),
    },
    isCi: data.CI !== undefined && data.CI !== 'false',
    canAnimate: data.CI === undefined && data.TERM !== 'dumb',
    isScript: data.npm_lifecycle_event !== undefined,
  };
}

/** Root's servers run as a user that may not enter root's home, so root's cache lies where the system keeps its own. */
function defaultCacheDirectory(userCache: string | undefined): string {
  return process.getuid?.() === 0 ? '/var/cache/mayfly' : join(userCache ?? join(homedir(), '.cache'), 'mayfly');
}

function invalid(error: z.ZodError, variables: Readonly<Record<string, unknown>>): MayflyError {
  const [issue] = error.issues;
  const name = String(issue?.path[0]);
  return new MayflyError(name === 'MAYFLY_RUNTIME' ? 'MAYFLY_RUNTIME_UNKNOWN' : 'MAYFLY_VARIABLE_INVALID', {
    message: `The environment variable ${name} is "${String(variables[name])}": ${issue?.message ?? 'not valid'}.`,
    remedy: `Correct ${name}, or leave it out.`,
    phase: 'configure',
  });
}

/** Sets variables for this process and its future children, and gives a function that brings the old ones back. */
export function setProcessEnv(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  };
}

/** The variables of this process with others laid over them, for a child process. */
export function childEnv(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}
