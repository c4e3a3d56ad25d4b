import type { Queryable } from '../database/queryable.ts';
import type { ReceivedEvent } from './event.ts';
import { inboxModel, type InboxEntry, type InboxQuery, type Receipt, type ReceiveOptions } from './models.ts';

const columns = `scope, event_id AS "eventId", tenant_id AS "tenantId", type, created_at AS "createdAt",
  received_at AS "receivedAt", movement, state, reason, reference`;

/** By which a waiting event and a payment find each other. */
export interface PaymentKeys {
  readonly session: string | null;
  readonly paymentIntent: string | null;
  readonly reference: string | null;
}

/** The table of events that were received. */
export class Inbox {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /**
   * Lets one transaction at a time work on payments by events, until its end. An event may wait for a payment that another
   * transaction is just writing, under a name that only a third event tells: with a lock for each payment they could
   * miss each other. The chain of the audit log lets them by one after the other in any case.
   */
  async enter(): Promise<void> {
    await this.#db.query(`SELECT pg_advisory_xact_lock(hashtext('mayfly.stripe_inbox'))`);
  }

  /** Writes an event down as one that waits, or as ignored where it moves nothing; false where it is there already. */
  async add(event: ReceivedEvent, options: ReceiveOptions): Promise<boolean> {
    const added = await this.#db.query(
      `INSERT INTO stripe_inbox (scope, event_id, tenant_id, type, created_at, movement, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING event_id`,
      [
        scopeOf(options),
        event.id,
        options.tenant ?? null,
        event.type,
        event.createdAt,
        event.movement === null ? null : JSON.stringify(event.movement),
        event.movement === null ? 'ignored' : 'parked',
      ],
    );
    return added.length > 0;
  }

  async get(eventId: string, options: ReceiveOptions): Promise<Omit<Receipt, 'duplicate'>> {
    const [entry] = await this.#db.select(
      inboxModel,
      `SELECT ${columns} FROM stripe_inbox WHERE scope = $1 AND event_id = $2`,
      [scopeOf(options), eventId],
    );
    const { state, reason, reference } = entry as InboxEntry;
    return { eventId, state, reason, reference };
  }

  /** What waits for a payment, the earliest first. */
  async waitingFor(keys: PaymentKeys): Promise<readonly InboxEntry[]> {
    return this.#db.select(
      inboxModel,
      `SELECT ${columns} FROM stripe_inbox
       WHERE state = 'parked' AND (movement ->> 'paymentIntent' = $1 OR movement ->> 'session' = $2
         OR movement ->> 'reference' = $3)
       ORDER BY created_at, received_at, event_id`,
      [keys.paymentIntent, keys.session, keys.reference],
    );
  }

  /** Writes down what has become of an event. */
  async conclude({ scope, eventId, state, reason, reference }: InboxEntry): Promise<void> {
    await this.#db.query(
      'UPDATE stripe_inbox SET state = $3, reason = $4, reference = $5 WHERE scope = $1 AND event_id = $2',
      [scope, eventId, state, reason, reference],
    );
  }

  /** The latest first. */
  async find({ state, reference, tenant, limit = 100, after }: InboxQuery): Promise<readonly InboxEntry[]> {
    return this.#db.select(
      inboxModel,
      `SELECT ${columns} FROM stripe_inbox
       WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR reference = $2)
         AND ($3::uuid IS NULL OR tenant_id = $3)
         AND ($4::timestamptz IS NULL OR (created_at, event_id, scope) < ($4, $5, $6))
       ORDER BY created_at DESC, event_id DESC, scope DESC LIMIT $7`,
      [
        state ?? null,
        reference ?? null,
        tenant ?? null,
        after?.createdAt ?? null,
        after?.eventId ?? null,
        after?.scope ?? null,
        limit,
      ],
    );
  }
}

function scopeOf(options: ReceiveOptions): string {
  return options.uniqueness === 'tenant' ? options.tenant : 'global';
}
