import { describe } from 'vitest';
import { sku, type Sku, type TenantId } from './identifiers.ts';
import { night } from './period.ts';
import { outcomes, sessionsThatWait, times } from './races.ts';
import { expect, test as base } from './test-context.ts';

const mayDay = night('2027-05-01');

/** A booking that stops after the lock, for as long as a test wants. */
const test = base.extend('beginBooking', ({ db }) => async (tenantId: TenantId, cabin: Sku) => {
  const tx = await db.startTransaction().execute();
  const item = tx.selectFrom('item').select('sku').where('tenantId', '=', tenantId).where('sku', '=', cabin);
  await item.forUpdate().execute();
  return {
    insertOnceSomebodyWaits: async () => {
      await expect.poll(async () => sessionsThatWait(db)).toBe(1);
      await tx.insertInto('booking').values({ tenantId, sku: cabin, period: mayDay, guest: 'Ada' }).execute();
    },
    commit: async () => tx.commit().execute(),
    rollback: async () => tx.rollback().execute(),
  };
});

describe.for([10, 50, 200])('%i guests who want one night', (contenders) => {
  test('one gets it, and all others are told that it is taken', async ({ bookings, make, tenants: { a } }) => {
    const { sku: cabin } = await make.item(a);

    const { won, lost } = await outcomes(
      times(contenders, (guest) => bookings.book(a.id, { sku: cabin, period: mayDay, guest })),
    );

    expect(lost).toEqual(Array.from({ length: contenders - 1 }, () => 'already-booked'));
    expect(await bookings.of(a.id, cabin)).toEqual(won);
  });

  test('the constraint alone lets one through, should something be written without the lock', async ({
    bookings,
    db,
    make,
    tenants: { a },
  }) => {
    const { sku: cabin } = await make.item(a);
    const insert = db.insertInto('booking').onConflict((conflict) => conflict.doNothing());

    const inserted = await Promise.all(
      times(contenders, (guest) =>
        insert.values({ tenantId: a.id, sku: cabin, period: mayDay, guest }).returningAll().execute(),
      ),
    );

    expect(inserted.flat()).toHaveLength(1);
    expect(await bookings.of(a.id, cabin)).toEqual(inserted.flat());
  });
});

test('guests of two tenants are not in a race', async ({ bookings, make, tenants: { a, b } }) => {
  const cabin = sku('CABIN-9');
  await make.item(a, { sku: cabin });
  await make.item(b, { sku: cabin });

  const { won } = await outcomes(
    [a, b].flatMap(({ id }) => times(25, (guest) => bookings.book(id, { sku: cabin, period: mayDay, guest }))),
  );

  expect(won.map(({ tenantId }) => tenantId).toSorted()).toEqual([a.id, b.id].toSorted());
});

describe('who comes while another is at it waits,', () => {
  test('and is told that it is taken', async ({ beginBooking, bookings, make, tenants: { a } }) => {
    const { sku: cabin } = await make.item(a);
    const first = await beginBooking(a.id, cabin);
    const second = outcomes([bookings.book(a.id, { sku: cabin, period: mayDay, guest: 'Grace' })]);

    await first.insertOnceSomebodyWaits();
    await first.commit();

    expect(await second).toEqual({ won: [], lost: ['already-booked'] });
  });

  test('and gets what the other gave up', async ({ beginBooking, bookings, make, tenants: { a } }) => {
    const { sku: cabin } = await make.item(a);
    const first = await beginBooking(a.id, cabin);
    const second = outcomes([bookings.book(a.id, { sku: cabin, period: mayDay, guest: 'Grace' })]);

    await first.insertOnceSomebodyWaits();
    await first.rollback();

    expect(await second).toMatchObject({ won: [{ guest: 'Grace' }], lost: [] });
  });
});
