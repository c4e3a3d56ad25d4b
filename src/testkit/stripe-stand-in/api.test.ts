import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { charge as chargeFixture } from '../../../fixtures/stripe/charge.ts';
import { checkoutSession as sessionFixture } from '../../../fixtures/stripe/checkout-session.ts';
import { paymentIntent as intentFixture } from '../../../fixtures/stripe/payment-intent.ts';
import { refund as refundFixture } from '../../../fixtures/stripe/refund.ts';
import { StripeStandIn } from './stand-in.ts';

let standIn: StripeStandIn;
let stripe: Stripe;

beforeAll(async () => {
  standIn = await StripeStandIn.start();
  stripe = new Stripe(standIn.apiKey, standIn.clientOptions);
});

afterAll(() => standIn[Symbol.asyncDispose]());

const checkout: Stripe.Checkout.SessionCreateParams = {
  mode: 'payment',
  success_url: 'https://shop.example/thanks',
  client_reference_id: 'order-1',
  line_items: [
    { quantity: 2, price_data: { currency: 'EUR', unit_amount: 2_000, product_data: { name: 'Ticket' } } },
    { quantity: 1, price_data: { currency: 'eur', unit_amount: 200, product_data: { name: 'Fee' } } },
  ],
  payment_intent_data: { metadata: { reference: 'order-1' } },
};

describe('the official library on the stand-in', () => {
  test('creates a checkout session, and retrieves it as it is after it was paid', async () => {
    const created = await stripe.checkout.sessions.create(checkout);
    expect(created).toMatchObject({
      amount_total: 4_200,
      currency: 'eur',
      status: 'open',
      payment_intent: null,
      livemode: false,
    });

    await standIn.completeCheckout(created.id, { email: 'ada@example.com' });
    const session = await stripe.checkout.sessions.retrieve(created.id, { expand: ['payment_intent.latest_charge'] });

    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      client_reference_id: 'order-1',
    });
    expect(session.customer_details?.email).toBe('ada@example.com');
    const intent = session.payment_intent as Stripe.PaymentIntent;
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 4_200, metadata: { reference: 'order-1' } });
    expect(intent.latest_charge).toMatchObject({ object: 'charge', captured: true, payment_intent: intent.id });
    expect((await stripe.checkout.sessions.list({ payment_intent: intent.id })).data.map(({ id }) => id)).toEqual([
      created.id,
    ]);
  });

  test('confirms, captures and refunds a payment intent', async () => {
    const held = await stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      confirm: true,
    });
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 1_000, amount_received: 0 });

    const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 900 });
    expect(captured).toMatchObject({ status: 'succeeded', amount_capturable: 0, amount_received: 900 });

    const part = await stripe.refunds.create({ payment_intent: held.id, amount: 400, reason: 'requested_by_customer' });
    const rest = await stripe.refunds.create({ charge: held.latest_charge as string });
    expect([part.amount, rest.amount]).toEqual([400, 500]);
    expect(await stripe.charges.retrieve(held.latest_charge as string)).toMatchObject({
      amount_refunded: 900,
      refunded: true,
    });
    expect((await stripe.refunds.list({ payment_intent: held.id })).data.map(({ id }) => id)).toEqual([
      rest.id,
      part.id,
    ]);
    expect((await stripe.refunds.retrieve(part.id)).status).toBe('succeeded');
  });

  test('lets a declined payment be tried again, and cancels', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'eur', metadata: { a: '1' } });
    const declined = stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa_chargeDeclined' });
    await expect(declined).rejects.toMatchObject({
      type: 'StripeCardError',
      code: 'card_declined',
      decline_code: 'generic_decline',
      statusCode: 402,
      payment_intent: {
        id: intent.id,
        status: 'requires_payment_method',
        last_payment_error: { code: 'card_declined' },
      },
    });
    await stripe.paymentIntents.update(intent.id, { metadata: { b: '2' } });
    const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null, metadata: { a: '1', b: '2' } });
    const other = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    expect((await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' })).status).toBe(
      'canceled',
    );
  });

  test('lists events by type and by pages, the latest first, and retrieves one', async () => {
    for (let index = 0; index < 3; index += 1) {
      await stripe.paymentIntents.create({ amount: 500 + index, currency: 'eur' });
    }
    const all: string[] = [];
    for await (const event of stripe.events.list({ type: 'payment_intent.*', limit: 2 })) {
      all.push(event.id);
    }
    const known = standIn.events.filter(({ type }) => type.startsWith('payment_intent.')).map(({ id }) => id);
    expect(all).toEqual(known.toReversed());
    expect(await stripe.events.retrieve(all[0]!)).toMatchObject({
      object: 'event',
      api_version: Stripe.API_VERSION,
      type: 'payment_intent.created',
      request: { id: expect.stringMatching(/^req_/), idempotency_key: expect.stringContaining('stripe-node-retry') },
    });
  });

  test('gives the same answer to a repeated idempotency key, and refuses another request with it', async () => {
    const options = { idempotencyKey: 'once' };
    const [one, two] = await Promise.all([
      stripe.paymentIntents.create({ amount: 700, currency: 'eur' }, options),
      stripe.paymentIntents.create({ amount: 700, currency: 'eur' }, options),
    ]);
    expect(two.id).toBe(one.id);
    const replayed = [one, two].map(({ lastResponse }) => lastResponse.headers['idempotent-replayed']);
    expect(new Set(replayed)).toEqual(new Set(['true', undefined]));
    const other = stripe.paymentIntents.create({ amount: 701, currency: 'eur' }, options);
    await expect(other).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    // What was refused for its parameters was not carried out, and can be corrected.
    const corrected = { idempotencyKey: 'corrected' };
    await expect(stripe.paymentIntents.create({ amount: 0, currency: 'eur' }, corrected)).rejects.toMatchObject({
      param: 'amount',
    });
    expect((await stripe.paymentIntents.create({ amount: 1, currency: 'eur' }, corrected)).amount).toBe(1);
  });

  test('is told in every answer that this is a test double', async () => {
    const { lastResponse } = await stripe.events.list();
    expect(lastResponse.headers['x-test-double']).toBe('mayfly stripe stand-in');
    const refused = await fetch(`${standIn.url}/v1/events`);
    expect([refused.status, refused.headers.get('x-test-double')]).toEqual([401, 'mayfly stripe stand-in']);
  });

  test('is refused with a key for real money', async () => {
    const live = new Stripe('sk_live_1', standIn.clientOptions);
    await expect(live.events.list()).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      message: expect.stringContaining('test double'),
    });
  });

  test.each<[what: string, call: () => Promise<unknown>, error: object]>([
    [
      'a missing parameter',
      () => stripe.paymentIntents.create({ currency: 'eur' } as never),
      { code: 'parameter_missing', param: 'amount' },
    ],
    ['a wrong amount', () => stripe.paymentIntents.create({ amount: 1.5, currency: 'eur' }), { param: 'amount' }],
    ['a wrong currency', () => stripe.paymentIntents.create({ amount: 1, currency: 'euro' }), { param: 'currency' }],
    [
      'a parameter that it does not have',
      () => stripe.paymentIntents.create({ amount: 1, currency: 'eur', customer: 'cus_1' }),
      { code: 'parameter_unknown', param: 'customer' },
    ],
    [
      'a nested parameter that it does not have',
      () => stripe.checkout.sessions.create({ ...checkout, line_items: [{ quantity: 1, price: 'price_1' }] }),
      { param: 'line_items[0][price_data]' },
    ],
    [
      'a session without a line',
      () => stripe.checkout.sessions.create({ ...checkout, line_items: [] }),
      { code: 'parameter_missing', param: 'line_items' },
    ],
    [
      'a payment intent that is not there',
      () => stripe.paymentIntents.retrieve('pi_1'),
      { code: 'resource_missing', statusCode: 404, message: "No such payment_intent: 'pi_1'" },
    ],
    ['an unknown address', () => stripe.customers.list(), { statusCode: 404 }],
    ['what cannot be expanded', () => stripe.events.list({ expand: ['data.type'] }), { param: 'expand' }],
    ['a page behind nothing', () => stripe.events.list({ starting_after: 'evt_1' }), { code: 'resource_missing' }],
  ])('answers %s as Stripe does', async (_, call, error) => {
    await expect(call()).rejects.toMatchObject({ type: 'StripeInvalidRequestError', ...error });
  });

  test('refuses what the state of a payment does not allow', async () => {
    const state = { code: 'payment_intent_unexpected_state', statusCode: 400 };
    const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    await expect(stripe.paymentIntents.confirm(id)).rejects.toMatchObject(state);
    await expect(stripe.paymentIntents.capture(id)).rejects.toMatchObject(state);
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject(state);
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    await expect(stripe.paymentIntents.confirm(id)).rejects.toMatchObject(state);
    await expect(stripe.paymentIntents.cancel(id)).rejects.toMatchObject(state);
    await expect(stripe.refunds.create({ payment_intent: id, amount: 501 })).rejects.toMatchObject({ param: 'amount' });
    await stripe.refunds.create({ payment_intent: id });
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    });
  });

  test('gets objects with exactly the fields of the fixtures, which have those of the published types', async () => {
    const session = await stripe.checkout.sessions.create(checkout);
    await standIn.completeCheckout(session.id);
    const paid = await stripe.checkout.sessions.retrieve(session.id);
    const intent = await stripe.paymentIntents.retrieve(paid.payment_intent as string);
    const charge = await stripe.charges.retrieve(intent.latest_charge as string);
    const refund = await stripe.refunds.create({ charge: charge.id });

    expect(Object.keys(paid).sort()).toEqual(Object.keys(sessionFixture).sort());
    expect(Object.keys(intent).sort()).toEqual(Object.keys(intentFixture).sort());
    expect(Object.keys(charge).sort()).toEqual(Object.keys(chargeFixture).sort());
    expect(Object.keys(refund).sort()).toEqual(Object.keys(refundFixture).sort());
  });
});
