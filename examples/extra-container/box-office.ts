import type { Pool } from 'pg';
import type { Events } from './events.ts';

/** The application: it sells seats, and says which. */
export class BoxOffice {
  readonly #db: Pool;
  readonly #events: Events;

  constructor(db: Pool, events: Events) {
    this.#db = db;
    this.#events = events;
  }

  async sell(seat: number): Promise<void> {
    await this.#db.query('INSERT INTO ticket (seat) VALUES ($1)', [seat]);
    this.#events.publish('sold', { seat });
  }
}
