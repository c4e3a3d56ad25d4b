import { expect, guest, post, test } from './ticketing.ts';

test('a purchase leaves a whole trail, but for the reconciliation that is to come', async ({ app, buy, services }) => {
  const { reference, pay } = await buy();
  await pay();
  await app.request(`/orders/${reference}/tickets`, post([guest()]));

  expect(await services.audit.missing(reference)).toEqual(['reconciled']);
  const { entries } = await services.audit.find({ reference });
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['payment_session_created', 'payment_captured', 'ticket_created', 'registration_completed']),
  );
  expect(await services.audit.verify()).toMatchObject({ valid: true });
});

test('nothing in it names anybody', async ({ app, buy, services }) => {
  const { reference, pay } = await buy();
  await pay();
  await app.request(
    `/orders/${reference}/tickets`,
    post([guest({ name: 'Grace Hopper', email: 'grace@example.org' })]),
  );

  const { entries } = await services.audit.find({ limit: 1_000 });
  expect(JSON.stringify(entries)).not.toMatch(/Grace|Hopper|example\.org/);
});

test('a purchase of the factory leaves the same trail, reconciled', async ({ make, services }) => {
  const { transaction } = await make.purchase({ tickets: 3 });

  expect(await services.audit.missing(transaction.reference)).toEqual([]);
});

test('nobody who tests with it can take anything away from it', async ({ buy, pg, services }) => {
  const { pay } = await buy();
  await pay();

  await expect(pg.query('DELETE FROM audit.entries')).rejects.toThrow();
  expect(await services.audit.verify()).toMatchObject({ valid: true });
});
