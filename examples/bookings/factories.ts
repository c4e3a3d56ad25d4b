import type { UniqueNames } from 'mayfly/testkit';
import type { Booking, Bookings } from './bookings.ts';
import type { Catalogue, Item } from './catalogue.ts';
import { cents, sku, tenantSlug } from './identifiers.ts';
import { night } from './period.ts';
import type { Db } from './schema.ts';
import { createTenant, type Tenant } from './tenants.ts';

export async function twoTenants(db: Db, names: UniqueNames): Promise<{ readonly a: Tenant; readonly b: Tenant }> {
  return {
    a: await createTenant(db, tenantSlug(names.slug('a'))),
    b: await createTenant(db, tenantSlug(names.slug('b'))),
  };
}

export interface Factories {
  /** Something to book, with a SKU of its own unless one is given. */
  readonly item: (tenant: Tenant, fields?: Partial<Item>) => Promise<Item>;
  /** A booking of a new item. */
  readonly booking: (tenant: Tenant) => Promise<Booking>;
}

export function factories(catalogue: Catalogue, bookings: Bookings, names: UniqueNames): Factories {
  const item = async ({ id }: Tenant, fields: Partial<Item> = {}): Promise<Item> =>
    catalogue.add(id, { sku: sku(names.slug('cabin')), name: 'Cabin', rates: { low: cents(9_000) }, ...fields });
  const booking = async (tenant: Tenant): Promise<Booking> => {
    const { sku: cabin } = await item(tenant);
    return bookings.book(tenant.id, { sku: cabin, period: night('2027-05-01'), guest: 'Ada' });
  };
  return { item, booking };
}
