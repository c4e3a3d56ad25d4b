import { cents, eventId } from './identifiers.ts';
import { recordPayment } from './payments.ts';
import { expect, test } from './test-context.ts';
import { WebhookInbox } from './webhook-inbox.ts';

const nothing = async (): Promise<void> => {};

test('an event is handled once', async ({ bookings, inboxes, make, names, tenants: { a } }) => {
  const booking = await make.booking(a);
  const event = { id: eventId(names.slug('paid')), payload: { cents: 9_000 } };
  const pay = async () =>
    inboxes.payments.receive(a.id, event, async (tx) =>
      recordPayment(tx, a.id, { bookingId: booking.id, cents: cents(9_000) }),
    );

  expect([await pay(), await pay()]).toEqual(['handled', 'repeated']);
  expect(await bookings.of(a.id, booking.sku)).toMatchObject([{ paidCents: 9_000 }]);
});

test('one that fails is not written down, and is handled when it comes again', async ({
  bookings,
  inboxes,
  make,
  names,
  tenants: { a },
}) => {
  const booking = await make.booking(a);
  const event = { id: eventId(names.slug('paid')), payload: {} };
  const payment = { bookingId: booking.id, cents: cents(9_000) };

  const failing = inboxes.payments.receive(a.id, event, async (tx) => {
    await recordPayment(tx, a.id, payment);
    throw new Error('The mail server is away.');
  });
  await expect(failing).rejects.toThrow('away');
  expect(await bookings.of(a.id, booking.sku)).toMatchObject([{ paidCents: 0 }]);

  expect(await inboxes.payments.receive(a.id, event, async (tx) => recordPayment(tx, a.id, payment))).toBe('handled');
  expect(await bookings.of(a.id, booking.sku)).toMatchObject([{ paidCents: 9_000 }]);
});

test('what it says is kept as it came', async ({ db, inboxes, names, tenants: { a } }) => {
  const payload = { booking_id: 7, nested: { snake_case: [1, 'two', null] } };
  const id = eventId(names.slug('event'));
  await inboxes.payments.receive(a.id, { id, payload }, nothing);

  const kept = await db.selectFrom('webhookEvent').select('payload').where('eventId', '=', id).execute();
  expect(kept).toEqual([{ payload }]);
});

test('of a sender that counts for all tenants, one number is one event', async ({
  inboxes,
  names,
  tenants: { a, b },
}) => {
  const event = { id: eventId(names.slug('event')), payload: {} };

  expect(await inboxes.payments.receive(a.id, event, nothing)).toBe('handled');
  expect(await inboxes.payments.receive(b.id, event, nothing)).toBe('repeated');
});

test('of a sender that counts for each tenant, one number is an event of each', async ({
  inboxes,
  tenants: { a, b },
}) => {
  const event = { id: eventId('1'), payload: {} };

  expect(await inboxes.channel.receive(a.id, event, nothing)).toBe('handled');
  expect(await inboxes.channel.receive(b.id, event, nothing)).toBe('handled');
  expect(await inboxes.channel.receive(a.id, event, nothing)).toBe('repeated');
  expect(await inboxes.channel.receive(b.id, event, nothing)).toBe('repeated');
});

test('two senders may give the same number', async ({ inboxes, names, tenants: { a } }) => {
  const event = { id: eventId(names.slug('event')), payload: {} };

  expect(await inboxes.payments.receive(a.id, event, nothing)).toBe('handled');
  expect(await inboxes.channel.receive(a.id, event, nothing)).toBe('handled');
});

test('a sender is one or the other: the database knows which', async ({ db, names, tenants: { a } }) => {
  const mistaken = new WebhookInbox(db, { source: 'payments', uniqueness: 'tenant' });

  const received = mistaken.receive(a.id, { id: eventId(names.slug('event')), payload: {} }, nothing);

  await expect(received).rejects.toThrow(/foreign key/);
});
