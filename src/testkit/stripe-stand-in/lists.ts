import type Stripe from 'stripe';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Form } from './form.ts';
import { listOf, paging, parameters, text } from './parameters.ts';
import type { Store } from './store.ts';

const ofPayment = z.strictObject({ ...paging, payment_intent: text.optional() });
const ofCharge = z.strictObject({ ...paging, payment_intent: text.optional(), charge: text.optional() });
const ofEvents = z.strictObject({
  ...paging,
  delivery_success: z.enum(['true', 'false']).optional(),
  type: text.optional(),
  types: listOf(text).optional(),
});

export function listSessions(store: Store, form: Form): Stripe.ApiList<Stripe.Checkout.Session> {
  const { payment_intent: intent, ...page } = parameters(ofPayment, form);
  return listed('/v1/checkout/sessions', [...store.sessions.values()], page, (session) =>
    wanted(intent, session.payment_intent),
  );
}

export function listIntents(store: Store, form: Form): Stripe.ApiList<Stripe.PaymentIntent> {
  return listed(
    '/v1/payment_intents',
    [...store.intents.values()],
    parameters(z.strictObject(paging), form),
    () => true,
  );
}

export function listCharges(store: Store, form: Form): Stripe.ApiList<Stripe.Charge> {
  const { payment_intent: intent, ...page } = parameters(ofPayment, form);
  return listed('/v1/charges', [...store.charges.values()], page, (charge) => wanted(intent, charge.payment_intent));
}

export function listRefunds(store: Store, form: Form): Stripe.ApiList<Stripe.Refund> {
  const { payment_intent: intent, charge, ...page } = parameters(ofCharge, form);
  return listed(
    '/v1/refunds',
    [...store.refunds.values()],
    page,
    (refund) => wanted(intent, refund.payment_intent) && wanted(charge, refund.charge),
  );
}

export function listEvents(store: Store, form: Form): Stripe.ApiList<Stripe.Event> {
  const { delivery_success: success, type, types, ...page } = parameters(ofEvents, form);
  const patterns = types ?? (type === undefined ? ['*'] : [type]);
  return listed(
    '/v1/events',
    [...store.events.values()],
    page,
    (event) =>
      patterns.some((pattern) => matches(pattern, event.type)) &&
      (success === undefined || (success === 'true') === (event.pending_webhooks === 0)),
  );
}

/** Whether an event is of a kind: `charge.refunded`, or with a star at the end `charge.*`. */
export function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** A page, the latest first. */
function listed<Item extends { readonly id: string }>(
  url: string,
  items: readonly Item[],
  {
    limit = 10,
    starting_after: after,
  }: { readonly limit?: number | undefined; readonly starting_after?: string | undefined },
  isWanted: (item: Item) => boolean,
): Stripe.ApiList<Item> {
  const latestFirst = items.filter(isWanted).reverse();
  const from = after === undefined ? 0 : latestFirst.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0) {
    throw ApiError.invalid(`No such object: '${after}'`, { code: 'resource_missing', param: 'starting_after' });
  }
  const data = latestFirst.slice(from, from + limit);
  return { object: 'list', url, has_more: from + limit < latestFirst.length, data };
}

function wanted(id: string | undefined, actual: unknown): boolean {
  return id === undefined || id === actual;
}
