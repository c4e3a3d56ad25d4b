import type { Redis } from 'ioredis';
import { Refusal } from './refusal.ts';

/** At most so many times in so many seconds, from the first one on. */
export interface Limit {
  readonly times: number;
  readonly seconds: number;
}

/**
 * Counts and sets the end of the count in one step. As two commands, a process that died between them would leave a
 * count that never ends: whoever it belongs to would be shut out for ever.
 */
const count = `
  local times = redis.call('INCR', KEYS[1])
  if times == 1 then
    redis.call('EXPIRE', KEYS[1], ARGV[1])
  end
  return { times, redis.call('TTL', KEYS[1]) }
`;

export class RateLimit {
  readonly #redis: Redis;
  readonly #what: string;
  readonly #limit: Limit;

  constructor(redis: Redis, what: string, limit: Limit) {
    this.#redis = redis;
    this.#what = what;
    this.#limit = limit;
  }

  /** Fails where `who` has done it too often. Nobody else is concerned. */
  async pass(who: string): Promise<void> {
    const { times, seconds } = this.#limit;
    const key = `limit:${this.#what}:${who}`;
    const [done, left] = (await this.#redis.eval(count, 1, key, seconds)) as [number, number];
    if (done > times) {
      throw new Refusal('too-often', `Try again in ${left} s.`, { retryAfter: left });
    }
  }
}
