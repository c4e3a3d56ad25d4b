import type { PostgresSettings, RedisSettings, Settings } from '../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import type { PooledPostgres } from '../connection/pooled-postgres.ts';
import type { Server } from '../runtime/runtime.ts';
import type { Selection } from '../runtime/select.ts';
import { defineService, serviceRef } from '../service/define-service.ts';
import type { Service, ServiceContext, ServiceRef } from '../service/service.ts';
import { postMortem } from './post-mortem.ts';

/**
 * The environment's Postgres, to be named under `dependsOn`. A service of a lease receives the lease's database, with the
 * lease's pool.
 */
export const postgres: ServiceRef<'postgres', PostgresDetails, PooledPostgres, 'run'> = { name: 'postgres' };

/** The environment's Redis, to be named under `dependsOn`. */
export const redis: ServiceRef<'redis', RedisDetails, RedisDetails, 'run'> = serviceRef('redis');

/** Programs may have to be fetched first; in milliseconds. */
const startTimeout = 180_000;

/** The servers that the settings ask for, as services. `selection` is asked when they start. */
export function serverServices(settings: Settings, selection: () => Selection): Service[] {
  const services: Service[] = [];
  if (settings.postgres !== undefined) {
    const wanted: PostgresSettings = settings.postgres;
    services.push(serverService('postgres', (context) => selection().postgres.startPostgres(wanted, context)));
  }
  if (settings.redis !== undefined) {
    const wanted: RedisSettings = settings.redis;
    services.push(serverService('redis', (context) => selection().redis.startRedis(wanted, context)));
  }
  return services;
}

/** A server as a service whose value is how to reach it. */
function serverService<Details>(name: string, start: (context: ServiceContext) => Promise<Server<Details>>): Service {
  let server: Server<Details> | undefined;
  return defineService({
    name,
    scope: 'run',
    timeouts: { start: startTimeout },
    start: async (_, context) => {
      server = await start(context);
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
