import type { Redis } from 'ioredis';

/** What was costly to find out, kept for a while. What nobody forgets in time is wrong for no longer than that. */
export class Cache {
  readonly #redis: Redis;
  readonly #secondsKept: number;

  constructor(redis: Redis, secondsKept = 60) {
    this.#redis = redis;
    this.#secondsKept = secondsKept;
  }

  async get(key: string): Promise<unknown> {
    const cached = await this.#redis.get(`cache:${key}`);
    return cached === null ? undefined : JSON.parse(cached);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#redis.set(`cache:${key}`, JSON.stringify(value), 'EX', this.#secondsKept);
  }

  async forget(key: string): Promise<void> {
    await this.#redis.del(`cache:${key}`);
  }

  /** What is cached, else what `load` gives, which is cached from then on. */
  async remember<Value>(key: string, load: () => Promise<Value>): Promise<Value> {
    const cached = await this.get(key);
    if (cached !== undefined) {
      return cached as Value;
    }
    const value = await load();
    await this.set(key, value);
    return value;
  }
}
