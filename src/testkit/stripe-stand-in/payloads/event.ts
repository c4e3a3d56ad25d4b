import type Stripe from 'stripe';

/** The events that the stand-in sends, each with the object that it is about. */
export interface EventObjects {
  'checkout.session.completed': Stripe.Checkout.Session;
  'checkout.session.expired': Stripe.Checkout.Session;
  'payment_intent.created': Stripe.PaymentIntent;
  'payment_intent.amount_capturable_updated': Stripe.PaymentIntent;
  'payment_intent.succeeded': Stripe.PaymentIntent;
  'payment_intent.payment_failed': Stripe.PaymentIntent;
  'payment_intent.canceled': Stripe.PaymentIntent;
  'charge.succeeded': Stripe.Charge;
  'charge.captured': Stripe.Charge;
  'charge.failed': Stripe.Charge;
  'charge.refunded': Stripe.Charge;
  'refund.created': Stripe.Refund;
}

export type EventType = keyof EventObjects;

/** By which request an event came about; null for what customers do. */
export type Cause = Stripe.Event.Request | null;

/** An event over the object as it is now (types of stripe 23, API 2026-10-28.endive). */
export function newEvent<Type extends EventType>(
  type: Type,
  object: EventObjects[Type],
  about: { readonly id: string; readonly created: number; readonly apiVersion: string; readonly cause: Cause },
): Stripe.Event {
  const event: Stripe.EventBase = {
    id: about.id,
    object: 'event',
    api_version: about.apiVersion,
    created: about.created,
    data: { object: structuredClone(object) },
    livemode: false,
    pending_webhooks: 0,
    request: about.cause,
    type,
  };
  return event as Stripe.Event;
}
