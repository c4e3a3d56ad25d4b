import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { Cache } from './cache.ts';
import { EventStore } from './event-store.ts';
import { Feed } from './feed.ts';
import { Forms } from './forms.ts';
import { Mailer, type MailProvider } from './mailer.ts';

export interface PlatformOptions {
  readonly pool: Pool;
  readonly redisUrl: string;
  /** The channel of Pub/Sub on which the platform's processes tell each other of events. */
  readonly channel: string;
  readonly mail: MailProvider;
}

/** What the application is made of, below HTTP. */
export interface Platform {
  readonly store: EventStore;
  readonly forms: Forms;
  readonly cache: Cache;
  readonly feed: Feed;
  readonly mailer: Mailer;
  /** Fails where the database or Redis does not answer. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openPlatform({ pool, redisUrl, channel, mail }: PlatformOptions): Promise<Platform> {
  const redis = new Redis(redisUrl);
  const feed = await Feed.open(redis, channel);
  const store = new EventStore(pool, async (events) => feed.announce(events));
  const cache = new Cache(redis);
  const mailer = new Mailer(mail);
  return {
    store,
    forms: new Forms({ pool, store, cache, mailer }),
    cache,
    feed,
    mailer,
    ping: async () => {
      await pool.query('SELECT 1');
      await redis.ping();
    },
    close: async () => {
      await feed.close();
      await redis.quit();
    },
  };
}
