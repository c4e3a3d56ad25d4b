import type Stripe from 'stripe';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Form } from './form.ts';
import { currency, listOf, metadata, parameters, text, whole } from './parameters.ts';
import { newCharge } from './payloads/charge.ts';
import { newPaymentIntent, type NewPaymentIntent } from './payloads/payment-intent.ts';
import { get, type Store } from './store.ts';

/** Test cards, by the names of Stripe's own (https://docs.stripe.com/testing). */
export const testCards = ['pm_card_visa', 'pm_card_visa_chargeDeclined'] as const;
export type TestCard = (typeof testCards)[number];

const card = z.enum(testCards, 'the stand-in knows pm_card_visa and pm_card_visa_chargeDeclined');
const captureMethod = z.enum(['automatic', 'automatic_async', 'manual']);
const boolean = z.enum(['true', 'false']).transform((word) => word === 'true');

const creation = z.strictObject({
  amount: whole.pipe(z.int().positive('must be greater than or equal to 1')),
  currency,
  automatic_payment_methods: z.strictObject({ enabled: boolean, allow_redirects: text.optional() }).optional(),
  capture_method: captureMethod.default('automatic_async'),
  confirm: boolean.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
  payment_method: card.optional(),
  payment_method_types: listOf(text).optional(),
  receipt_email: text.optional(),
  return_url: text.optional(),
});
const update = z.strictObject({ description: text.optional(), metadata: metadata.optional() });
const confirmation = z.strictObject({ payment_method: card.optional(), return_url: text.optional() });
const capture = z.strictObject({ amount_to_capture: whole.optional() });
const cancellation = z.strictObject({
  cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
});

export function createIntent(store: Store, form: Form): Stripe.PaymentIntent {
  const wanted = parameters(creation, form);
  const intent = addIntent(store, {
    amount: wanted.amount,
    currency: wanted.currency,
    captureMethod: wanted.capture_method,
    description: wanted.description ?? null,
    metadata: wanted.metadata ?? {},
    receiptEmail: wanted.receipt_email ?? null,
  });
  if (wanted.automatic_payment_methods !== undefined) {
    const { enabled, allow_redirects: redirects = 'always' } = wanted.automatic_payment_methods;
    intent.automatic_payment_methods = { allow_redirects: redirects, enabled };
  }
  if (wanted.payment_method !== undefined) {
    intent.payment_method = wanted.payment_method;
    intent.status = 'requires_confirmation';
  }
  return wanted.confirm === true ? pay(store, intent, intent.payment_method) : intent;
}

/** A payment intent that nobody has paid yet. */
export function addIntent(store: Store, wanted: Omit<NewPaymentIntent, 'id' | 'created'>): Stripe.PaymentIntent {
  const intent = newPaymentIntent({ ...wanted, id: store.newId('pi'), created: store.now() });
  store.intents.set(intent.id, intent);
  store.emit('payment_intent.created', intent);
  return intent;
}

export function updateIntent(store: Store, id: string, form: Form): Stripe.PaymentIntent {
  const { description, metadata: added } = parameters(update, form);
  const intent = get(store.intents, 'payment_intent', id);
  intent.description = description ?? intent.description;
  Object.assign(intent.metadata, added);
  return intent;
}

export function confirmIntent(store: Store, id: string, form: Form): Stripe.PaymentIntent {
  const wanted = parameters(confirmation, form);
  const intent = get(store.intents, 'payment_intent', id);
  return pay(store, intent, wanted.payment_method ?? intent.payment_method);
}

/**
 * An attempt to pay.
 *
 * @throws ApiError 402 `card_declined`, after which another attempt can be made; 400 where it cannot be paid any more.
 */
export function pay(
  store: Store,
  intent: Stripe.PaymentIntent,
  paymentMethod: Stripe.PaymentIntent['payment_method'],
): Stripe.PaymentIntent {
  if (intent.status !== 'requires_payment_method' && intent.status !== 'requires_confirmation') {
    throw ApiError.unexpectedState(
      intent,
      `This PaymentIntent has a status of ${intent.status} and cannot be confirmed.`,
    );
  }
  if (typeof paymentMethod !== 'string') {
    throw ApiError.unexpectedState(intent, 'This PaymentIntent has no payment method and cannot be confirmed.');
  }
  if (paymentMethod === 'pm_card_visa_chargeDeclined') {
    throw decline(store, intent, paymentMethod);
  }
  const isHeld = intent.capture_method === 'manual';
  const charge = newCharge({
    id: store.newId('ch'),
    intent,
    created: store.now(),
    paymentMethod,
    outcome: isHeld ? 'authorized' : 'captured',
  });
  store.charges.set(charge.id, charge);
  Object.assign(intent, {
    amount_capturable: isHeld ? intent.amount : 0,
    amount_received: isHeld ? 0 : intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    payment_method: paymentMethod,
    status: isHeld ? 'requires_capture' : 'succeeded',
  } satisfies Partial<Stripe.PaymentIntent>);
  store.emit('charge.succeeded', charge);
  store.emit(isHeld ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', intent);
  return intent;
}

function decline(store: Store, intent: Stripe.PaymentIntent, paymentMethod: string): ApiError {
  const charge = newCharge({ id: store.newId('ch'), intent, created: store.now(), paymentMethod, outcome: 'declined' });
  store.charges.set(charge.id, charge);
  const error = {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
    charge: charge.id,
  } as const;
  Object.assign(intent, {
    last_payment_error: error,
    latest_charge: charge.id,
    payment_method: null,
    status: 'requires_payment_method',
  } satisfies Partial<Stripe.PaymentIntent>);
  store.emit('charge.failed', charge);
  store.emit('payment_intent.payment_failed', intent);
  return new ApiError(402, { ...error, payment_intent: structuredClone(intent) });
}

export function captureIntent(store: Store, id: string, form: Form): Stripe.PaymentIntent {
  const intent = get(store.intents, 'payment_intent', id);
  const { amount_to_capture: amount = intent.amount_capturable } = parameters(capture, form);
  if (intent.status !== 'requires_capture') {
    throw ApiError.unexpectedState(
      intent,
      `This PaymentIntent has a status of ${intent.status} and cannot be captured.`,
    );
  }
  if (amount < 1 || amount > intent.amount_capturable) {
    throw ApiError.invalid('The amount to capture is more than what can be captured.', { param: 'amount_to_capture' });
  }
  const charge = get(store.charges, 'charge', intent.latest_charge as string);
  Object.assign(charge, {
    captured: true,
    amount_captured: amount,
    balance_transaction: store.newId('txn'),
  } satisfies Partial<Stripe.Charge>);
  Object.assign(intent, {
    amount_capturable: 0,
    amount_received: amount,
    status: 'succeeded',
  } satisfies Partial<Stripe.PaymentIntent>);
  store.emit('charge.captured', charge);
  store.emit('payment_intent.succeeded', intent);
  return intent;
}

export function cancelIntent(store: Store, id: string, form: Form): Stripe.PaymentIntent {
  const { cancellation_reason: reason = null } = parameters(cancellation, form);
  const intent = get(store.intents, 'payment_intent', id);
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw ApiError.unexpectedState(
      intent,
      `This PaymentIntent has a status of ${intent.status} and cannot be canceled.`,
    );
  }
  Object.assign(intent, {
    amount_capturable: 0,
    canceled_at: store.now(),
    cancellation_reason: reason,
    status: 'canceled',
  } satisfies Partial<Stripe.PaymentIntent>);
  store.emit('payment_intent.canceled', intent);
  return intent;
}
