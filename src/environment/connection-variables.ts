import type { PostgresDetails, RedisDetails } from '../connection/details.ts';

/** The environment variables by which programs find their servers, and the run that they belong to. */
export function connectionVariables(
  session: string,
  { postgres, redis }: { readonly postgres?: PostgresDetails | undefined; readonly redis?: RedisDetails | undefined },
): Record<string, string> {
  return {
    MAYFLY_SESSION: session,
    ...(postgres && postgresVariables(postgres)),
    ...(redis && redisVariables(redis)),
  };
}

/** PG… are libpq's own names (PostgreSQL documentation, "Environment Variables"); DATABASE_URL is everybody else's. */
function postgresVariables(details: PostgresDetails): Record<string, string> {
  const { url, host, port, user, password, database, runtime } = details;
  return {
    DATABASE_URL: url,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    // Servers of ours have no TLS, whatever the variable asks for in general.
    ...(runtime !== 'external' && { PGSSLMODE: 'disable' }),
  };
}

function redisVariables({ url, host, port, username, password, database }: RedisDetails): Record<string, string> {
  return {
    REDIS_URL: url,
    REDIS_HOST: host,
    REDIS_PORT: String(port),
    REDIS_USERNAME: username,
    REDIS_PASSWORD: password,
    REDIS_DB: String(database),
  };
}
