import { newId, type SubjectId } from 'mayfly/services';
import { tenants, testkit } from 'mayfly/testkit/data';
import { expect, mayflyTest } from 'mayfly/vitest';
import Stripe from 'stripe';
import { ticketing } from './app.ts';
import type { Guest } from './issue-tickets.ts';
import definition from './mayfly.config.ts';
import { platformOf } from './platform.ts';

export { expect };

/** vitest's `test`, with the application on a database of its own and a stand-in for Stripe, which delivers to it. */
export const test = mayflyTest(definition)
  .extend('make', ({ services }) => testkit(services))
  .extend('tenants', ({ services, task }) => tenants(services.database, task.file.filepath))
  .extend('standIn', ({ services }) => services['stripe-stand-in'])
  .extend('app', ({ services, standIn }) => {
    const secret = 'whsec_of_these_tests';
    const payments = new Stripe(standIn.apiKey, standIn.clientOptions);
    const app = ticketing(platformOf(services), payments, secret);
    // By function, so that no test has to open a port.
    standIn.addEndpoint(async (request) => app.request('/webhooks/stripe', request), { secret });
    return app;
  })
  .extend('buy', ({ app, make, standIn, tenants: { a } }) => async (quantity = 1) => {
    const event = await make.event({ tenantId: a.id });
    const order = { eventId: event.id, quantity, email: 'ada@example.org', subjectId: newId<SubjectId>() };
    const answer = await app.request('/orders', { method: 'POST', body: JSON.stringify(order) });
    const { reference, session } = (await answer.json()) as { reference: string; session: string };
    return { ...order, event, reference, session, pay: () => standIn.completeCheckout(session) };
  });

/** Somebody who comes. */
export function guest(fields: Partial<Guest> = {}): Guest {
  return { subjectId: newId<SubjectId>(), name: 'Ada', email: 'ada@example.org', ...fields };
}

export function post(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}
