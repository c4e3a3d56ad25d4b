import { newId } from 'mayfly/services';
import { serveApp } from 'mayfly/testkit';
import { test as base, expect, post } from './ticketing.ts';

/** The application on a port of its own, for each test that asks for it. */
const test = base.extend('site', async ({ app }, { onCleanup }) => {
  const site = await serveApp(app);
  onCleanup(() => site.stop());
  return site;
});

test('tickets are ordered over HTTP', async ({ site, make, tenants }) => {
  const event = await make.event({ tenantId: tenants.a.id });
  const order = { eventId: event.id, quantity: 2, email: 'ada@example.org', subjectId: newId() };

  const answer = await site.fetch('/orders', post(order));

  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ reference: expect.stringMatching(/^ORDER-/) });
});

test('an order that there is not has no tickets', async ({ site }) => {
  const answer = await site.fetch('/orders/ORDER-0/tickets', post([]));

  expect(answer.status).toBe(404);
});
