import { defineEnvironment, defineService, postgres, redis, type RedisSpace } from 'mayfly';
import { appService } from 'mayfly/testkit';
import type { Pool } from 'pg';
import { openPlatform, type Platform } from './platform.ts';
import { platformServer } from './server.ts';

/** Where the e-mail provider would be. Tests answer in its place. */
export const mail = { url: 'https://mail.example/send', key: 'key-of-these-tests' };

/** Everything below HTTP, on the database and the Redis space of a lease. */
export async function platformOn(pool: Pool, { url, channelPrefix }: RedisSpace): Promise<Platform> {
  return openPlatform({ pool, redisUrl: url, channel: `${channelPrefix}events`, mail });
}

const platform = defineService({
  name: 'platform',
  dependsOn: { postgres, redis },
  start: ({ postgres, redis }) => platformOn(postgres.pool, redis),
  stop: (platform) => platform.close(),
});

/** The server on a port of its own: started after the platform, and stopped before it. */
const site = appService({
  name: 'site',
  dependsOn: { platform },
  health: '/health',
  // What runs may end, however slow the machine is.
  grace: 20_000,
  app: ({ platform }) => platformServer(platform),
});

export default defineEnvironment({ migrations: './migrations', services: [platform, site] });
