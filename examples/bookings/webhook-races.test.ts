import { describe } from 'vitest';
import { cents, eventId } from './identifiers.ts';
import { recordPayment } from './payments.ts';
import { times } from './races.ts';
import { expect, test } from './test-context.ts';

const amount = cents(9_000);

describe.for([10, 50, 200])('%i deliveries of one number', (deliveries) => {
  test('are one event of a sender that counts for all tenants, whichever they come for', async ({
    bookings,
    inboxes,
    make,
    names,
    tenants: { a, b },
  }) => {
    const event = { id: eventId(names.slug('paid')), payload: {} };
    const ofA = await make.booking(a);
    const ofB = await make.booking(b);
    const deliver = async ({ tenantId, id: bookingId }: typeof ofA) =>
      inboxes.payments.receive(tenantId, event, async (tx) =>
        recordPayment(tx, tenantId, { bookingId, cents: amount }),
      );

    const outcomes = await Promise.all(
      [ofA, ofB].flatMap((booking) => times(deliveries / 2, async () => deliver(booking))),
    );

    expect(outcomes.filter((outcome) => outcome === 'handled')).toHaveLength(1);
    const paid = [...(await bookings.of(a.id, ofA.sku)), ...(await bookings.of(b.id, ofB.sku))];
    expect(paid.map(({ paidCents }) => paidCents).toSorted((one, other) => one - other)).toEqual([0, amount]);
  });

  test('are one event of each tenant, of a sender that counts for each', async ({
    bookings,
    inboxes,
    make,
    names,
    tenants: { a, b },
  }) => {
    const event = { id: eventId(names.slug('paid')), payload: {} };
    const booked = [await make.booking(a), await make.booking(b)];

    const outcomes = await Promise.all(
      booked.flatMap(({ tenantId, id: bookingId }) =>
        times(deliveries / 2, async () =>
          inboxes.channel.receive(tenantId, event, async (tx) =>
            recordPayment(tx, tenantId, { bookingId, cents: amount }),
          ),
        ),
      ),
    );

    expect(outcomes.filter((outcome) => outcome === 'handled')).toHaveLength(2);
    for (const { tenantId, sku } of booked) {
      expect(await bookings.of(tenantId, sku)).toMatchObject([{ paidCents: amount }]);
    }
  });
});

test('a repetition takes the place of a delivery that fails beside it', async ({
  bookings,
  inboxes,
  make,
  names,
  tenants: { a },
}) => {
  const event = { id: eventId(names.slug('paid')), payload: {} };
  const { id: bookingId, sku } = await make.booking(a);
  let attempts = 0;

  const deliveries = await Promise.allSettled(
    times(10, async () =>
      inboxes.payments.receive(a.id, event, async (tx) => {
        await recordPayment(tx, a.id, { bookingId, cents: amount });
        attempts += 1;
        if (attempts === 1) {
          throw new Error('The mail server is away.');
        }
      }),
    ),
  );

  const handled = deliveries.filter((delivery) => delivery.status === 'fulfilled' && delivery.value === 'handled');
  expect(handled).toHaveLength(1);
  expect(attempts).toBe(2);
  expect(await bookings.of(a.id, sku)).toMatchObject([{ paidCents: amount }]);
});
