import type { Pool, PoolClient } from 'pg';
import { Refusal, violates } from './errors.ts';
import type { EventDraft, EventFilter, StoredEvent } from './event.ts';
import { transaction } from './transaction.ts';

/** What belongs together: rows of the caller's own, and the events that say so. */
export interface Writing {
  readonly tx: PoolClient;
  readonly append: (draft: EventDraft) => Promise<StoredEvent>;
}

const columns = `id, aggregate, sequence, type, payload, refers_to AS "refersTo",
  to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`;

/** Events, each with its number in its aggregate: 1, 2, 3, without gaps. */
export class EventStore {
  readonly #pool: Pool;
  readonly #announce: (events: readonly StoredEvent[]) => Promise<void>;

  constructor(pool: Pool, announce: (events: readonly StoredEvent[]) => Promise<void>) {
    this.#pool = pool;
    this.#announce = announce;
  }

  /** Everybody is told of events once they have happened: after the commit. */
  async write<Result>(work: (writing: Writing) => Promise<Result>): Promise<Result> {
    const written: StoredEvent[] = [];
    const held = new Set<string>();
    const result = await transaction(this.#pool, async (tx) => {
      const append = async (draft: EventDraft): Promise<StoredEvent> => {
        // Who publishes to an aggregate waits for whoever is at it: so the next number is the next, and there is no gap.
        if (!held.has(draft.aggregate)) {
          await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [draft.aggregate]);
          held.add(draft.aggregate);
        }
        const event = await insert(tx, draft);
        written.push(event);
        return event;
      };
      return work({ tx, append });
    });
    await this.#announce(written);
    return result;
  }

  async publish(draft: EventDraft): Promise<StoredEvent> {
    return this.write(async ({ append }) => append(draft));
  }

  /** The first ones, in the order in which they were written. */
  async find({ type, aggregate }: EventFilter = {}, limit = 100): Promise<StoredEvent[]> {
    const { rows } = await this.#pool.query<StoredEvent>(
      `SELECT ${columns} FROM event
        WHERE ($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR aggregate = $2)
        ORDER BY position LIMIT $3`,
      [type, aggregate, limit],
    );
    return rows;
  }
}

async function insert(tx: PoolClient, { aggregate, sequence, type, payload = {}, refersTo }: EventDraft) {
  try {
    const { rows } = await tx.query<StoredEvent>(
      `INSERT INTO event (aggregate, sequence, type, payload, refers_to)
        SELECT $1::text, coalesce($2::int, next), $3, $4::jsonb, $5::uuid
          FROM (SELECT coalesce(max(sequence), 0) + 1 AS next FROM event WHERE aggregate = $1::text)
          WHERE $2::int IS NULL OR $2::int <= next
        RETURNING ${columns}`,
      [aggregate, sequence, type, payload, refersTo],
    );
    const [event] = rows;
    if (event === undefined) {
      throw new Refusal('sequence-gap', `${aggregate} has no event before number ${sequence} yet.`);
    }
    return event;
  } catch (error) {
    if (violates(error, 'event_sequence')) {
      throw new Refusal('sequence-taken', `${aggregate} has a number ${sequence} already.`, { cause: error });
    }
    if (violates(error, 'event_refers_to')) {
      throw new Refusal('unknown-reference', `There is no event ${refersTo}.`, { cause: error });
    }
    throw error;
  }
}
