import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { defineService, postgres, redis } from 'mayfly';
import { appService } from 'mayfly/testkit';
import { mediaServer } from './app.ts';
import { MediaStorage } from './media-storage.ts';

/** A client of the lease's own Redis space. */
export const cache = defineService({
  name: 'cache',
  dependsOn: { redis },
  start: async ({ redis }) => {
    const client = new Redis(redis.url, { lazyConnect: true, maxRetriesPerRequest: 1 });
    await client.connect();
    return client;
  },
  check: (client) => client.ping(),
  stop: (client) => client.quit(),
});

/** A directory of the lease's own. It is written down before it is made: should the process die, the reaper removes it. */
export const storage = defineService({
  name: 'storage',
  start: async (_, { ownership }) => {
    const path = join(tmpdir(), `mayfly-${ownership.sessionId}-media-${randomUUID()}`);
    ownership.own(`directory:${path}`, { kind: 'directory', path });
    await mkdir(path, { mode: 0o700 });
    return new MediaStorage(path);
  },
  check: (storage) => storage.check(),
  stop: async ({ directory }, { ownership }) => {
    await rm(directory, { recursive: true, force: true });
    ownership.disown(`directory:${directory}`);
  },
});

/** What tokens are signed with: those of one test are worth nothing in another. */
export const key = defineService({ name: 'key', start: () => new Uint8Array(randomBytes(32)) });

/** The media server on all of these, at a port of its own. */
export const site = appService({
  name: 'site',
  dependsOn: { postgres, cache, storage, key },
  health: '/health',
  app: ({ postgres, cache, storage, key }, { log }) =>
    mediaServer({ pool: postgres.pool, redis: cache, storage, key, report: (error) => log.error(error) }),
});
