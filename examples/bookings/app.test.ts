import { bookingApp } from './app.ts';
import { expect, test as base } from './test-context.ts';

const test = base
  .extend('app', ({ db, catalogue }) => bookingApp(db, catalogue))
  .extend('post', ({ app }) => async (path: string, body: Readonly<Record<string, unknown>>) => {
    const answer = await app.request(path, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  });

const weekend = { arrival: '2027-05-01', departure: '2027-05-03', guest: 'Ada' };

test('a guest looks, books and pays', async ({ app, bookings, make, names, post, tenants: { a } }) => {
  const { sku } = await make.item(a);
  const shown = await app.request(`/${a.slug}/items/${sku}`);
  expect(await shown.json()).toEqual({ sku, name: 'Cabin', rates: { low: 9_000 } });

  const booked = await post(`/${a.slug}/bookings`, { sku, ...weekend });
  expect(booked).toMatchObject({ status: 201, body: { sku, period: '[2027-05-01,2027-05-03)' } });

  const paid = { id: names.slug('paid'), booking: booked.body['id'], cents: 9_000 };
  const webhook = `/${a.slug}/webhooks/payments`;
  expect(await post(webhook, paid)).toEqual({ status: 200, body: { outcome: 'handled' } });
  expect(await post(webhook, paid)).toEqual({ status: 200, body: { outcome: 'repeated' } });
  expect(await bookings.of(a.id, sku)).toMatchObject([{ paidCents: 9_000 }]);
});

test('who comes too late is told so', async ({ make, post, tenants: { a } }) => {
  const { sku } = await make.item(a);
  await post(`/${a.slug}/bookings`, { sku, ...weekend });

  expect(await post(`/${a.slug}/bookings`, { sku, ...weekend, guest: 'Grace' })).toMatchObject({
    status: 409,
    body: { code: 'already-booked' },
  });
});

test("one tenant's URL does not lead to what the other has", async ({ make, names, post, tenants }) => {
  const { a, b } = tenants;
  const { sku } = await make.item(a);
  const booking = await make.booking(a);

  expect(await post(`/${b.slug}/bookings`, { sku, ...weekend })).toMatchObject({ status: 404 });
  const paid = { id: names.slug('paid'), booking: booking.id, cents: 9_000 };
  expect(await post(`/${b.slug}/webhooks/payments`, paid)).toMatchObject({ status: 404 });
});

test.for([
  ['a tenant that there is not', 'nobody', {}, 404],
  ['a departure before the arrival', undefined, { departure: '2027-04-30' }, 400],
  ['a day that there is not', undefined, { arrival: '2027-02-30' }, 400],
  ['a guest without a name', undefined, { guest: '' }, 400],
  ['an SKU that is none', undefined, { sku: "'; DROP TABLE booking" }, 400],
] as const)('%s is refused', async ([, slug, fields, status], { make, post, tenants: { a } }) => {
  const { sku } = await make.item(a);

  expect(await post(`/${slug ?? a.slug}/bookings`, { sku, ...weekend, ...fields })).toMatchObject({ status });
});
