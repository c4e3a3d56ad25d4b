import { Redis } from 'ioredis';
import pg from 'pg';

/** A guest book: who signed is in Postgres, the page that visitors see in Redis. */
export class Guestbook {
  readonly #db: pg.Pool;
  readonly #cache: Redis;

  constructor(databaseUrl: string, redisUrl: string) {
    this.#db = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    this.#cache = new Redis(redisUrl);
  }

  /** Nobody signs twice. */
  async sign(name: string): Promise<void> {
    await this.#db.query('INSERT INTO guest (name) VALUES ($1)', [name]);
    await this.#cache.del('page');
  }

  async page(): Promise<string> {
    const cached = await this.#cache.get('page');
    if (cached !== null) {
      return cached;
    }
    const { rows } = await this.#db.query<{ name: string }>('SELECT name FROM guest ORDER BY id');
    const page = rows.map(({ name }) => name).join(', ');
    await this.#cache.set('page', page, 'EX', 60);
    return page;
  }

  async close(): Promise<void> {
    await this.#cache.quit();
    await this.#db.end();
  }
}
