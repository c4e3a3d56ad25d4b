import { expect, test } from './ticketing.ts';

test('fifty deliveries of one event move the payment once', async ({ buy, services, standIn }) => {
  const { reference, pay } = await buy();
  await pay();
  const before = await services.audit.find({ reference });
  const completed = standIn.events.find(({ type }) => type === 'checkout.session.completed')!;

  const attempts = await standIn.redeliver(completed.id, 50);

  expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await services.audit.find({ reference })).toEqual(before);
});

test('events that come in reverse bring the payment to the same end', async ({ buy, services, standIn }) => {
  const orders = [await buy(), await buy(), await buy()];
  standIn.hold();
  for (const { pay } of orders) {
    await pay();
  }
  await standIn.release('reversed');

  for (const { reference } of orders) {
    expect(await services.financial.find(reference)).toMatchObject({ status: 'completed' });
  }
  expect(await services.audit.verify()).toMatchObject({ valid: true });
});

test('a delivery that Stripe has not signed is refused, and nothing is written', async ({
  app,
  buy,
  services,
  standIn,
}) => {
  const { reference, pay } = await buy();
  standIn.hold();
  await pay();
  const [event] = standIn.held;
  const url = 'http://tickets.example.org/webhooks/stripe';
  const endpoint = standIn.addEndpoint(url, { secret: 'whsec_of_somebody_else' });

  const answer = await app.fetch(await standIn.signedRequest(event!.id, endpoint));

  expect(answer.status).toBe(400);
  expect(await services.financial.find(reference)).toMatchObject({ status: 'pending' });
});
