import { expect, guest, post, test } from './ticketing.ts';

test('a guest is forgotten, and the payment is kept for as long as the law says', async ({ app, buy, services }) => {
  const { reference, subjectId, pay } = await buy();
  await pay();
  const ada = guest({ subjectId, name: 'Ada Lovelace', dietaryRestrictions: 'vegan' });
  await app.request(`/orders/${reference}/tickets`, post([ada]));

  const { status, retained } = await services.gdpr.request({ type: 'erasure', subjectId });

  expect(status).toBe('partially_completed');
  expect(retained.map(({ table }) => table)).toContain('transactions');
  const registrations = await services.database.query('SELECT name, email, dietary_restrictions FROM registrations');
  expect(JSON.stringify(registrations)).not.toMatch(/Ada|Lovelace|vegan|ada@/);
  expect(await services.financial.find(reference)).toMatchObject({ status: 'completed', amount: 4_900 });
  expect(await services.audit.verify()).toMatchObject({ valid: true });
});

test('a guest who paid for nothing is forgotten altogether', async ({ make, services }) => {
  const { registrations } = await make.purchase();
  const { subjectId } = registrations[0]!;

  expect(await services.gdpr.request({ type: 'erasure', subjectId: subjectId! })).toMatchObject({
    status: 'completed',
    retained: [],
  });
});

test('a guest gets to see all that is known', async ({ make, services }) => {
  const { registrations } = await make.purchase({ registration: { name: 'Grace Hopper' } });

  const { export: known } = await services.gdpr.request({ type: 'access', subjectId: registrations[0]!.subjectId! });

  expect(JSON.stringify(known)).toContain('Grace Hopper');
});
