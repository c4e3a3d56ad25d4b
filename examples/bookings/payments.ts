import type { Transaction } from 'kysely';
import { Refusal } from './errors.ts';
import type { BookingId, Cents, TenantId } from './identifiers.ts';
import type { Schema } from './schema.ts';

export interface Payment {
  readonly bookingId: BookingId;
  readonly cents: Cents;
}

/** Done twice it would count twice: it is for the inbox to see to it that it is not. */
export async function recordPayment(
  tx: Transaction<Schema>,
  tenantId: TenantId,
  { bookingId, cents }: Payment,
): Promise<void> {
  const paid = await tx
    .updateTable('booking')
    .set((eb) => ({ paidCents: eb('paidCents', '+', cents) }))
    .where('tenantId', '=', tenantId)
    .where('id', '=', bookingId)
    .returning('id')
    .executeTakeFirst();
  if (paid === undefined) {
    throw new Refusal('unknown-booking', `There is no booking ${bookingId}.`);
  }
}
