import type { Redis } from 'ioredis';
import { Refusal } from './refusal.ts';

/** What the world knows of a title. */
export interface Details {
  readonly title: string;
  readonly year: number;
}

const source = 'https://titles.example/search';
const secondsFresh = 3_600;
const secondsKept = 7 * 24 * 3_600;
const msToAnswer = 2_000;

/**
 * Asks a service outside about titles, and not more often than it must. What it said is fresh for an hour; it is kept for
 * a week more, for the time in which that service cannot be asked. That both lapse is left to Redis.
 */
export class TitleDetails {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async of(title: string): Promise<Details & { readonly isStale: boolean }> {
    const known = `details:known:${title}`;
    const fresh = `details:fresh:${title}`;
    const [kept, isFresh] = await this.#redis.mget(known, fresh);
    if (typeof kept === 'string' && typeof isFresh === 'string') {
      return { ...(JSON.parse(kept) as Details), isStale: false };
    }
    let details: Details;
    try {
      details = await ask(title);
    } catch (cause) {
      if (typeof kept === 'string') {
        return { ...(JSON.parse(kept) as Details), isStale: true };
      }
      throw new Refusal('details-unavailable', 'Nothing is known of this title at the moment.', { cause });
    }
    await this.#redis
      .multi()
      .set(known, JSON.stringify(details), 'EX', secondsKept)
      .set(fresh, '', 'EX', secondsFresh)
      .exec();
    return { ...details, isStale: false };
  }
}

async function ask(title: string): Promise<Details> {
  const url = new URL(source);
  url.searchParams.set('title', title);
  const answer = await fetch(url, { signal: AbortSignal.timeout(msToAnswer) });
  if (!answer.ok) {
    throw new Error(`It answered ${answer.status}.`);
  }
  const { year } = (await answer.json()) as { readonly year?: unknown };
  if (typeof year !== 'number') {
    throw new TypeError('It said no year.');
  }
  // Nothing else that it may say is passed on.
  return { title, year };
}
