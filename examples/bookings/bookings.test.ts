import { sku } from './identifiers.ts';
import { night, period } from './period.ts';
import { expect, test } from './test-context.ts';

const weekend = period('2027-05-01', '2027-05-03');

test('a cabin is booked, and found', async ({ bookings, make, tenants: { a } }) => {
  const { sku: cabin } = await make.item(a);

  const booking = await bookings.book(a.id, { sku: cabin, period: weekend, guest: 'Ada' });

  expect(booking).toMatchObject({ tenantId: a.id, sku: cabin, period: weekend, guest: 'Ada', paidCents: 0 });
  expect(await bookings.of(a.id, cabin)).toEqual([booking]);
});

test.for([
  ['the same nights', weekend],
  ['one of them', night('2027-05-02')],
  ['more than them', period('2027-04-01', '2027-06-01')],
] as const)('nobody else gets %s', async ([, wanted], { bookings, make, tenants: { a } }) => {
  const { sku: cabin } = await make.item(a);
  const first = await bookings.book(a.id, { sku: cabin, period: weekend, guest: 'Ada' });

  await expect(bookings.book(a.id, { sku: cabin, period: wanted, guest: 'Grace' })).rejects.toMatchObject({
    code: 'already-booked',
    status: 409,
  });
  expect(await bookings.of(a.id, cabin)).toEqual([first]);
});

test('guests leave and come on the same day', async ({ bookings, make, tenants: { a } }) => {
  const { sku: cabin } = await make.item(a);
  await bookings.book(a.id, { sku: cabin, period: weekend, guest: 'Ada' });
  await bookings.book(a.id, { sku: cabin, period: night('2027-05-03'), guest: 'Grace' });
  await bookings.book(a.id, { sku: cabin, period: night('2027-04-30'), guest: 'Mary' });

  const guests = (await bookings.of(a.id, cabin)).map(({ guest }) => guest);
  expect(guests).toEqual(['Mary', 'Ada', 'Grace']);
});

test('what is cancelled is free again, once', async ({ bookings, make, tenants: { a } }) => {
  const { sku: cabin } = await make.item(a);
  const { id } = await bookings.book(a.id, { sku: cabin, period: weekend, guest: 'Ada' });

  await bookings.cancel(a.id, id);

  await bookings.book(a.id, { sku: cabin, period: weekend, guest: 'Grace' });
  await expect(bookings.cancel(a.id, id)).rejects.toMatchObject({ code: 'unknown-booking' });
});

test('a tenant neither sees nor cancels what the other has, nor is in its way', async ({
  bookings,
  make,
  tenants: { a, b },
}) => {
  const cabin = sku('CABIN-7');
  await make.item(a, { sku: cabin });
  await make.item(b, { sku: cabin });
  const ofA = await bookings.book(a.id, { sku: cabin, period: weekend, guest: 'Ada' });
  const ofB = await bookings.book(b.id, { sku: cabin, period: weekend, guest: 'Grace' });

  await expect(bookings.cancel(b.id, ofA.id)).rejects.toMatchObject({ code: 'unknown-booking' });
  expect(await bookings.of(a.id, cabin)).toEqual([ofA]);
  expect(await bookings.of(b.id, cabin)).toEqual([ofB]);
});

test('what is not offered is not booked', async ({ bookings, make, tenants: { a, b } }) => {
  const { sku: ofA } = await make.item(a);

  await expect(bookings.book(b.id, { sku: ofA, period: weekend, guest: 'Ada' })).rejects.toMatchObject({
    code: 'unknown-item',
    status: 404,
  });
});
