// The compiler is what runs these tests: nothing here is ever called.
import type Stripe from 'stripe';
import { expectTypeOf } from 'vitest';
import { charge } from '../../../fixtures/stripe/charge.ts';
import { checkoutSession } from '../../../fixtures/stripe/checkout-session.ts';
import { chargeRefundedEvent } from '../../../fixtures/stripe/events.ts';
import { paymentIntent } from '../../../fixtures/stripe/payment-intent.ts';
import { refund } from '../../../fixtures/stripe/refund.ts';
import { newCharge } from './payloads/charge.ts';
import { newCheckoutSession } from './payloads/checkout-session.ts';
import { newEvent, type EventObjects } from './payloads/event.ts';
import { newPaymentIntent } from './payloads/payment-intent.ts';
import { newRefund } from './payloads/refund.ts';

expectTypeOf(checkoutSession).toExtend<Stripe.Checkout.Session>();
expectTypeOf(paymentIntent).toExtend<Stripe.PaymentIntent>();
expectTypeOf(charge).toExtend<Stripe.Charge>();
expectTypeOf(refund).toExtend<Stripe.Refund>();
expectTypeOf(chargeRefundedEvent).toExtend<Stripe.Event>();

expectTypeOf(newCheckoutSession).returns.toEqualTypeOf<Stripe.Checkout.Session>();
expectTypeOf(newPaymentIntent).returns.toEqualTypeOf<Stripe.PaymentIntent>();
expectTypeOf(newCharge).returns.toEqualTypeOf<Stripe.Charge>();
expectTypeOf(newRefund).returns.toEqualTypeOf<Stripe.Refund>();
expectTypeOf(newEvent).returns.toEqualTypeOf<Stripe.Event>();
// Each event is over the object that Stripe's has.
expectTypeOf<EventObjects>().toEqualTypeOf<{
  [Type in keyof EventObjects]: Extract<Stripe.Event, { type: Type }>['data']['object'];
}>();
