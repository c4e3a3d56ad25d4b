import type { Selectable } from 'kysely';
import { Refusal, violates } from './errors.ts';
import type { BookingId, Sku, TenantId } from './identifiers.ts';
import type { Period } from './period.ts';
import type { Db, Schema } from './schema.ts';

export type Booking = Selectable<Schema['booking']>;

export interface BookingRequest {
  readonly sku: Sku;
  readonly period: Period;
  readonly guest: string;
}

/** Who has what, and when. Nothing is booked twice for one night. */
export class Bookings {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * The constraint sees to it that nothing is booked twice. The lock sees to it that whoever loses is told so: without
   * it two could each insert, then wait for the other, and the server would end one of them for the deadlock.
   */
  async book(tenantId: TenantId, { sku, period, guest }: BookingRequest): Promise<Booking> {
    const booked = this.#db.transaction().execute(async (tx) => {
      const item = await tx
        .selectFrom('item')
        .select('sku')
        .where('tenantId', '=', tenantId)
        .where('sku', '=', sku)
        .forUpdate()
        .executeTakeFirst();
      if (item === undefined) {
        throw new Refusal('unknown-item', `There is no ${sku}.`);
      }
      const booking = { tenantId, sku, period, guest };
      return tx.insertInto('booking').values(booking).returningAll().executeTakeFirstOrThrow();
    });
    return booked.catch((error: unknown) => {
      throw violates(error, 'booking_no_overlap')
        ? new Refusal('already-booked', `Somebody else has ${sku} in ${period}.`)
        : error;
    });
  }

  async cancel(tenantId: TenantId, id: BookingId): Promise<void> {
    const cancelled = await this.#db
      .updateTable('booking')
      .set({ cancelledAt: new Date() })
      .where('tenantId', '=', tenantId)
      .where('id', '=', id)
      .where('cancelledAt', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (cancelled === undefined) {
      throw new Refusal('unknown-booking', `There is no booking ${id}.`);
    }
  }

  /** Those that hold, by their first night. */
  async of(tenantId: TenantId, sku: Sku): Promise<readonly Booking[]> {
    return this.#db
      .selectFrom('booking')
      .selectAll()
      .where('tenantId', '=', tenantId)
      .where('sku', '=', sku)
      .where('cancelledAt', 'is', null)
      .orderBy('period')
      .execute();
  }
}
