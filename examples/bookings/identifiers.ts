import { Refusal } from './errors.ts';

declare const brand: unique symbol;

/** A value that is of this kind and no other: both are strings, and still a slug is no identifier. */
type Branded<Value, Kind extends string> = Value & { readonly [brand]: Kind };

/** Only the database makes these. */
export type TenantId = Branded<string, 'TenantId'>;
export type BookingId = Branded<string, 'BookingId'>;

/** What stands in URLs. */
export type TenantSlug = Branded<string, 'TenantSlug'>;
/** What a tenant calls a thing of its own. */
export type Sku = Branded<string, 'Sku'>;
/** What a sender of webhooks calls an event. */
export type EventId = Branded<string, 'EventId'>;
export type Cents = Branded<number, 'Cents'>;

// Text from outside becomes one of these here and nowhere else.

export function tenantSlug(text: unknown): TenantSlug {
  return matching(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'slug', text) as TenantSlug;
}

export function sku(text: unknown): Sku {
  return matching(/^[\w-]{1,80}$/, 'SKU', text) as Sku;
}

export function eventId(text: unknown): EventId {
  return matching(/^[\w-]{1,80}$/, 'event', text) as EventId;
}

export function bookingId(text: unknown): BookingId {
  return matching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'booking', text) as BookingId;
}

export function guestName(text: unknown): string {
  return matching(/\S/, 'guest', text);
}

export function cents(amount: unknown): Cents {
  if (!Number.isSafeInteger(amount) || (amount as number) <= 0) {
    throw new Refusal('invalid', `${JSON.stringify(amount)} is no amount in cents.`);
  }
  return amount as Cents;
}

function matching(shape: RegExp, what: string, text: unknown): string {
  if (typeof text !== 'string' || !shape.test(text)) {
    throw new Refusal('invalid', `${JSON.stringify(text)} names no ${what}.`);
  }
  return text;
}
