import type Stripe from 'stripe';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Form } from './form.ts';
import { metadata, parameters, text, whole } from './parameters.ts';
import { newRefund } from './payloads/refund.ts';
import { get, type Store } from './store.ts';

const creation = z.strictObject({
  amount: whole.pipe(z.int().positive('must be greater than or equal to 1')).optional(),
  charge: text.optional(),
  metadata: metadata.optional(),
  payment_intent: text.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
});

/** Gives back a part of a payment, or what is left of it. It succeeds at once. */
export function createRefund(store: Store, form: Form): Stripe.Refund {
  const wanted = parameters(creation, form);
  const charge = chargeOf(store, wanted);
  if (!charge.captured) {
    throw ApiError.invalid(`Charge ${charge.id} has not been captured.`, { param: 'charge' });
  }
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) {
    throw ApiError.invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  const amount = wanted.amount ?? left;
  if (amount > left) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`;
    throw ApiError.invalid(message, { param: 'amount' });
  }
  const refund = newRefund({
    id: store.newId('re'),
    amount,
    charge,
    created: store.now(),
    metadata: wanted.metadata ?? {},
    reason: wanted.reason ?? null,
  });
  store.refunds.set(refund.id, refund);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount_captured;
  store.emit('refund.created', refund);
  store.emit('charge.refunded', charge);
  return refund;
}

function chargeOf(store: Store, wanted: z.output<typeof creation>): Stripe.Charge {
  if (wanted.charge !== undefined) {
    return get(store.charges, 'charge', wanted.charge);
  }
  if (wanted.payment_intent === undefined) {
    throw ApiError.invalid('One of charge or payment_intent is required.', { code: 'parameter_missing' });
  }
  const intent = get(store.intents, 'payment_intent', wanted.payment_intent);
  if (intent.status !== 'succeeded') {
    throw ApiError.unexpectedState(
      intent,
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
    );
  }
  return get(store.charges, 'charge', intent.latest_charge as string);
}
