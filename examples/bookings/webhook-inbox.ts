import type { Transaction } from 'kysely';
import type { EventId, TenantId } from './identifiers.ts';
import type { Db, Schema, Uniqueness } from './schema.ts';

export interface WebhookEvent {
  readonly id: EventId;
  readonly payload: unknown;
}

export interface WebhookSource {
  readonly source: string;
  /**
   * Whether the sender gives a number once, or once for each tenant. Wrongly global, and the second tenant's event is
   * taken for a repetition and lost; wrongly per tenant, and one that comes for two tenants is done twice.
   */
  readonly uniqueness: Uniqueness;
}

/** Senders deliver at least once. What an event does is done once. */
export class WebhookInbox {
  readonly #db: Db;
  readonly #source: WebhookSource;

  constructor(db: Db, source: WebhookSource) {
    this.#db = db;
    this.#source = source;
  }

  /**
   * The event is written down in the transaction in which it is handled. A repetition waits for that: it is one if the
   * first went well, and takes its place if not.
   */
  async receive(
    tenantId: TenantId,
    { id: eventId, payload }: WebhookEvent,
    handle: (tx: Transaction<Schema>) => Promise<void>,
  ): Promise<'handled' | 'repeated'> {
    return this.#db.transaction().execute(async (tx) => {
      const received = await tx
        .insertInto('webhookEvent')
        .values({ tenantId, ...this.#source, eventId, payload: JSON.stringify(payload) })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      if (received === undefined) {
        return 'repeated';
      }
      await handle(tx);
      return 'handled';
    });
  }
}
