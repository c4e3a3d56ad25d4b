import { ApiError } from './api-error.ts';
import type { CheckoutSessions } from './checkout-sessions.ts';
import type { Form } from './form.ts';
import { listCharges, listEvents, listIntents, listRefunds, listSessions } from './lists.ts';
import { cancelIntent, captureIntent, confirmIntent, createIntent, updateIntent } from './payment-intents.ts';
import { createRefund } from './refunds.ts';
import { get, type Store } from './store.ts';

/** What the stand-in answers to; `:id` stands for an identifier. */
interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: (form: Form, id: string) => object;
}

/** The part of Stripe's API that there is. */
export function routes(store: Store, sessions: CheckoutSessions): readonly Route[] {
  return [
    { method: 'POST', path: '/v1/checkout/sessions', answer: (form) => sessions.create(form) },
    { method: 'GET', path: '/v1/checkout/sessions', answer: (form) => listSessions(store, form) },
    {
      method: 'GET',
      path: '/v1/checkout/sessions/:id',
      answer: (_, id) => get(store.sessions, 'checkout.session', id),
    },
    { method: 'POST', path: '/v1/checkout/sessions/:id/expire', answer: (form, id) => sessions.expire(id, form) },
    { method: 'POST', path: '/v1/payment_intents', answer: (form) => createIntent(store, form) },
    { method: 'GET', path: '/v1/payment_intents', answer: (form) => listIntents(store, form) },
    { method: 'GET', path: '/v1/payment_intents/:id', answer: (_, id) => get(store.intents, 'payment_intent', id) },
    { method: 'POST', path: '/v1/payment_intents/:id', answer: (form, id) => updateIntent(store, id, form) },
    { method: 'POST', path: '/v1/payment_intents/:id/confirm', answer: (form, id) => confirmIntent(store, id, form) },
    { method: 'POST', path: '/v1/payment_intents/:id/capture', answer: (form, id) => captureIntent(store, id, form) },
    { method: 'POST', path: '/v1/payment_intents/:id/cancel', answer: (form, id) => cancelIntent(store, id, form) },
    { method: 'GET', path: '/v1/charges', answer: (form) => listCharges(store, form) },
    { method: 'GET', path: '/v1/charges/:id', answer: (_, id) => get(store.charges, 'charge', id) },
    { method: 'POST', path: '/v1/refunds', answer: (form) => createRefund(store, form) },
    { method: 'GET', path: '/v1/refunds', answer: (form) => listRefunds(store, form) },
    { method: 'GET', path: '/v1/refunds/:id', answer: (_, id) => get(store.refunds, 'refund', id) },
    { method: 'GET', path: '/v1/events', answer: (form) => listEvents(store, form) },
    { method: 'GET', path: '/v1/events/:id', answer: (_, id) => get(store.events, 'event', id) },
  ];
}

/**
 * What one request is answered with.
 *
 * @throws ApiError 404 for what the stand-in does not have.
 */
export function answer(table: readonly Route[], method: string, path: string, form: Form): object {
  for (const route of table) {
    const pattern = new RegExp(`^${route.path.replace(':id', '(?<id>[^/]+)')}$`);
    const found = route.method === method ? pattern.exec(path) : null;
    if (found !== null) {
      return route.answer(form, decodeURIComponent(found.groups?.['id'] ?? ''));
    }
  }
  throw new ApiError(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${path}). The stand-in has only a part of Stripe's API.`,
  });
}
