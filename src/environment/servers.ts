import type { PostgresSettings, RedisSettings, Settings } from '../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import type { PooledPostgres } from '../connection/pooled-postgres.ts';
import type { MayflyError } from '../errors/mayfly-error.ts';
import type { RedisSpace } from '../isolation/redis/redis-space.ts';
import type { Server } from '../runtime/runtime.ts';
import type { Selection } from '../runtime/select.ts';
import { serverDied } from '../runtime/server-failure.ts';
import { defineService } from '../service/define-service.ts';
import type { Service, ServiceContext, ServiceRef } from '../service/service.ts';
import { postMortem } from './post-mortem.ts';

/**
 * The environment's Postgres, to be named under `dependsOn`. A service of a lease receives the lease's database, with the
 * lease's pool.
 */
export const postgres: ServiceRef<'postgres', PostgresDetails, PooledPostgres, 'run'> = { name: 'postgres' };

/** The environment's Redis, to be named under `dependsOn`. A service of a lease receives the lease's own space. */
export const redis: ServiceRef<'redis', RedisDetails, RedisSpace, 'run'> = { name: 'redis' };

/** Programs may have to be fetched first; in milliseconds. */
const startTimeout = 180_000;

/** Where servers run, and who hears of those that die. */
interface ServerSurroundings {
  /** Asked when they start. */
  readonly selection: () => Selection;
  readonly onDeath: (error: MayflyError) => void;
}

/** The servers that the settings ask for, as services. */
export function serverServices(settings: Settings, { selection, onDeath }: ServerSurroundings): Service[] {
  const services: Service[] = [];
  if (settings.postgres !== undefined) {
    const wanted: PostgresSettings = settings.postgres;
    services.push(serverService('postgres', (context) => selection().postgres.startPostgres(wanted, context), onDeath));
  }
  if (settings.redis !== undefined) {
    const wanted: RedisSettings = settings.redis;
    services.push(serverService('redis', (context) => selection().redis.startRedis(wanted, context), onDeath));
  }
  return services;
}

/** A server as a service whose value is how to reach it. */
function serverService<Details>(
  name: string,
  start: (context: ServiceContext) => Promise<Server<Details>>,
  onDeath: (error: MayflyError) => void,
): Service {
  let server: Server<Details> | undefined;
  return defineService({
    name,
    scope: 'run',
    timeouts: { start: startTimeout },
    start: async (_, context) => {
      server = await start(context);
      void server.died.then(({ how, output }) => onDeath(serverDied({ service: name, output }, how)));
      return server.details;
    },
    check: async (details, { signal, ownership: { sessionId } }) => {
      try {
        await server?.ping(signal);
      } catch (cause) {
        throw await postMortem({ session: sessionId, service: name, details, cause }, signal);
      }
    },
    stop: async () => server?.stop(),
    details: (details) => details,
  });
}
