import type { ProcessEnv } from '../../config/process-env.ts';
import { pingPostgres } from '../../connection/postgres-connection.ts';
import { pingRedis } from '../../connection/redis-connection.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import type { RuntimeProbe } from '../runtime.ts';
import { serverRefusal } from './server-refusal.ts';
import { parseServerUrl, postgresUrlRules, redisUrlRules } from './server-url.ts';

/** Says whether the servers whose URLs are configured answer. */
export async function probeExternal({
  databaseUrl,
  redisUrl,
}: Pick<ProcessEnv, 'databaseUrl' | 'redisUrl'>): Promise<RuntimeProbe> {
  if (databaseUrl === undefined && redisUrl === undefined) {
    return {
      usable: false,
      reason: 'No URL is configured.',
      remedy: 'Set MAYFLY_DATABASE_URL and MAYFLY_REDIS_URL to use servers that run already.',
    };
  }
  const facts: string[] = [];
  try {
    if (databaseUrl !== undefined) {
      const server = parseServerUrl(databaseUrl, postgresUrlRules);
      await pingPostgres(databaseUrl).catch((error: unknown) => {
        throw serverRefusal('postgres', server, error);
      });
      facts.push(`postgres at ${server.host}:${server.port} answers`);
    }
    if (redisUrl !== undefined) {
      const server = parseServerUrl(redisUrl, redisUrlRules);
      await pingRedis(redisUrl).catch((error: unknown) => {
        throw serverRefusal('redis', server, error);
      });
      facts.push(`redis at ${server.host}:${server.port} answers`);
    }
    return { usable: true, facts };
  } catch (error) {
    if (isMayflyError(error)) {
      return { usable: false, reason: error.summary, remedy: error.remedy };
    }
    throw error;
  }
}
