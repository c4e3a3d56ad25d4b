import { consistency, health, type Pass } from 'mayfly/services';
import { describe } from 'vitest';
import { expect, guest, post, test } from './ticketing.ts';

test('from the order to the door: paid, issued, let in once', async ({ app, buy, services }) => {
  const { reference, event, pay } = await buy(2);
  await pay();
  expect(await services.financial.find(reference)).toMatchObject({ status: 'completed', amount: 9_800 });

  const issued = await app.request(`/orders/${reference}/tickets`, post([guest(), guest({ name: 'Grace' })]));
  expect(issued.status).toBe(201);
  const [pass] = (await issued.json()) as Pass[];
  expect(pass?.qr).toContain('<svg');

  const enter = async () => app.request('/admissions', post({ token: pass?.token, eventId: event.id }));
  expect((await enter()).status).toBe(200);
  expect((await enter()).status).toBe(409);
  expect(await consistency(services)).toEqual({ consistent: true, findings: [] });
  expect(await health(services)).toMatchObject({ healthy: true });
});

test('there are no tickets before they are paid, and none twice, even at the same time', async ({
  app,
  buy,
  services,
}) => {
  const { reference, pay } = await buy();
  const claim = async () => (await app.request(`/orders/${reference}/tickets`, post([guest()]))).status;
  expect(await claim()).toBe(409);

  await pay();
  const answers = await Promise.all(Array.from({ length: 10 }, claim));

  expect(answers.toSorted((one, other) => one - other)).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  expect(await services.database.query('SELECT FROM tickets')).toHaveLength(1);
});

test('what is written of a claim that fails is nothing', async ({ app, buy, services }) => {
  const { reference, pay } = await buy(2);
  await pay();
  const before = await services.audit.find();

  const twice = guest();
  services.audit.intercept('registration_completed', ({ subjectId }) => {
    throw new Error(`no room for ${subjectId}`);
  });
  const answer = await app.request(`/orders/${reference}/tickets`, post([twice, twice]));

  expect(answer.status).toBe(500);
  expect(await services.database.query('SELECT FROM tickets')).toEqual([]);
  expect(await services.audit.find()).toEqual(before);
});

describe('a tenant', () => {
  test('has events that the other does not see', async ({ make, services, tenants }) => {
    const { event } = await make.purchase({ tenantId: tenants.a.id, tickets: 3 });

    const events = async (id: string) =>
      services.database.query<{ id: string }>('SELECT id FROM events WHERE tenant_id = $1', [id]);
    expect(await events(tenants.a.id)).toEqual([{ id: event.id }]);
    expect(await events(tenants.b.id)).toEqual([]);
    expect(tenants.a.slug).toMatch(/^purchase-a-/);
  });
});
