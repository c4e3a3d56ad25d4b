import type { Redis } from 'ioredis';
import type { StoredEvent } from './event.ts';

type Listener = (event: StoredEvent) => void;

/** Events as they happen, in whichever process of the platform: by Pub/Sub. */
export class Feed {
  readonly #redis: Redis;
  /** A connection that has subscribed can do nothing else. */
  readonly #subscriber: Redis;
  readonly #channel: string;
  readonly #listeners = new Set<Listener>();

  private constructor(redis: Redis, channel: string) {
    this.#redis = redis;
    this.#subscriber = redis.duplicate();
    this.#channel = channel;
    this.#subscriber.on('message', (_, message) => {
      const event = JSON.parse(message) as StoredEvent;
      this.#listeners.forEach((listener) => listener(event));
    });
  }

  static async open(redis: Redis, channel: string): Promise<Feed> {
    const feed = new Feed(redis, channel);
    await feed.#subscriber.subscribe(channel);
    return feed;
  }

  async announce(events: readonly StoredEvent[]): Promise<void> {
    const pipeline = this.#redis.pipeline();
    events.forEach((event) => pipeline.publish(this.#channel, JSON.stringify(event)));
    await pipeline.exec();
  }

  /** Gives a function that ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#subscriber.quit();
  }
}
