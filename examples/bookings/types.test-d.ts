import type { Insertable } from 'kysely';
import { describe, expectTypeOf, test } from 'vitest';
import type { Bookings } from './bookings.ts';
import type { BookingId, Cents, Sku, TenantId } from './identifiers.ts';
import type { Db, Schema } from './schema.ts';
import type { Tenant } from './tenants.ts';

// Only the compiler runs these. A line that is marked is a bug that was in production once, and does not compile.
declare const bookings: Bookings;
declare const db: Db;
declare const tenant: Tenant;
declare const cabin: Sku;
declare const booking: BookingId;

describe('where the identifier of a tenant is due, its slug does not compile', () => {
  test('in a call', async () => {
    expectTypeOf(tenant.slug).not.toExtend<TenantId>();
    await bookings.of(tenant.id, cabin);
    // @ts-expect-error -- the slug
    await bookings.of(tenant.slug, cabin);
  });

  test('in a condition', async () => {
    const all = db.selectFrom('booking').select('tenantId');
    const own = all.where('tenantId', '=', tenant.id);
    // @ts-expect-error -- the slug
    all.where('tenantId', '=', tenant.slug);

    expectTypeOf(await own.executeTakeFirstOrThrow()).toEqualTypeOf<{ tenantId: TenantId }>();
  });

  test('in a row', () => {
    const items = db.insertInto('item');
    expectTypeOf<Insertable<Schema['item']>['tenantId']>().toEqualTypeOf<TenantId>();
    items.values({ tenantId: tenant.id, sku: cabin, name: 'Cabin' });
    // @ts-expect-error -- the slug
    items.values({ tenantId: tenant.slug, sku: cabin, name: 'Cabin' });
  });
});

test('the identifiers of tenant and booking do not change places', async () => {
  expectTypeOf<Parameters<Bookings['cancel']>>().toEqualTypeOf<[TenantId, BookingId]>();
  await bookings.cancel(tenant.id, booking);
  // @ts-expect-error -- the other way round
  await bookings.cancel(booking, tenant.id);
});

test('text is no identifier and a number no amount, though each is text or a number', () => {
  expectTypeOf('8c1f7a52-3f0e-4a58-9f2b-2f6f2c3d1f00').not.toExtend<TenantId>();
  expectTypeOf<TenantId>().toExtend<string>();
  expectTypeOf(90).not.toExtend<Cents>();
  expectTypeOf<Cents>().toExtend<number>();
});
