import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StripeStandIn } from './stand-in.ts';

let standIn: StripeStandIn;
let stripe: Stripe;
/** The types of the events that were delivered and whose signature is right, in the order in which they came. */
let received: string[];
let answers: number[];

beforeEach(async () => {
  standIn = await StripeStandIn.start();
  stripe = new Stripe(standIn.apiKey, standIn.clientOptions);
  received = [];
  answers = [];
  const endpoint = standIn.addEndpoint(async (request) => {
    const signature = request.headers.get('stripe-signature')!;
    const event = await stripe.webhooks.constructEventAsync(await request.text(), signature, endpoint.secret);
    received.push(event.type);
    return new Response('thanks', { status: answers.shift() ?? 200 });
  });
});

afterEach(() => standIn[Symbol.asyncDispose]());

const checkout = (): Promise<Stripe.Checkout.Session> =>
  stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/thanks',
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 900, product_data: { name: 'Ticket' } } }],
  });

const asItHappens = [
  'payment_intent.created',
  'charge.succeeded',
  'payment_intent.succeeded',
  'checkout.session.completed',
];

describe('the deliveries of the stand-in', () => {
  test('are signed, and come in the order in which things happened', async () => {
    const { id } = await checkout();
    await standIn.completeCheckout(id);
    expect(received).toEqual(asItHappens);
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });

  test('are repeated until they are taken, and every attempt is written down', async () => {
    answers = [500, 302];
    const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'eur' });
    await standIn.delivered();
    expect(received).toHaveLength(3);
    expect(standIn.attempts).toMatchObject([
      { type: 'payment_intent.created', number: 1, status: 500, body: 'thanks', error: null },
      { number: 2, status: 302 },
      { number: 3, status: 200 },
    ]);
    expect(standIn.events[0]!.data.object).toMatchObject({ id: intent.id });
  });

  test('are given up after three attempts, and can be repeated by hand', async () => {
    answers = [500, 500, 500];
    await stripe.paymentIntents.create({ amount: 900, currency: 'eur' });
    await standIn.delivered();
    expect(standIn.attempts.map(({ status }) => status)).toEqual([500, 500, 500]);
    expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);

    expect(await standIn.redeliver(standIn.events[0]!.id, 2)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1);
  });

  test('are not waited for when the stand-in ends, also where an answer never does', async () => {
    const reached = Promise.withResolvers<void>();
    standIn.addEndpoint(async () => {
      reached.resolve();
      return new Response(new ReadableStream());
    });
    const paid = standIn.completeCheckout((await checkout()).id);
    await reached.promise;

    await standIn[Symbol.asyncDispose]();

    await paid;
    expect(standIn.attempts.at(-1)).toMatchObject({ status: null, error: expect.stringContaining('abort') });
  });

  test('are held, and released in any order', async () => {
    standIn.hold();
    const { id } = await checkout();
    await standIn.completeCheckout(id);
    expect(received).toEqual([]);
    expect(standIn.held.map(({ type }) => type)).toEqual(asItHappens);

    await standIn.release('reversed');
    expect(received).toEqual(asItHappens.toReversed());
    expect(standIn.held).toEqual([]);

    standIn.hold();
    await stripe.paymentIntents.create({ amount: 900, currency: 'eur' });
    await standIn.release([]);
    expect(received).toHaveLength(4);
  });

  test('go only to endpoints that asked for the event', async () => {
    const refunds: string[] = [];
    standIn.addEndpoint(
      async (request) => {
        refunds.push(((await request.json()) as Stripe.Event).type);
        return new Response();
      },
      { events: ['charge.*', 'refund.created'] },
    );
    const { id } = await checkout();
    const { payment_intent: intent } = await standIn.completeCheckout(id);
    await stripe.refunds.create({ payment_intent: intent as string });
    await standIn.delivered();
    expect(refunds).toEqual(['charge.succeeded', 'refund.created', 'charge.refunded']);
  });

  test('are written down also where nobody answers', async () => {
    standIn.addEndpoint('http://127.0.0.1:1/nobody', { events: ['payment_intent.created'] });
    await stripe.paymentIntents.create({ amount: 900, currency: 'eur' });
    await standIn.delivered();
    const failed = standIn.attempts.filter(({ url }) => url.endsWith('/nobody'));
    expect(failed).toMatchObject([1, 2, 3].map((number) => ({ number, status: null, error: expect.any(String) })));
  });

  test('do not keep the stand-in from ending', async () => {
    standIn.addEndpoint(() => new Promise(() => {}));
    await stripe.paymentIntents.create({ amount: 900, currency: 'eur' });
    await standIn[Symbol.asyncDispose]();
    await expect(stripe.events.list()).rejects.toMatchObject({ type: 'StripeConnectionError' });
    expect(standIn.attempts.filter(({ error }) => error !== null)).toHaveLength(1);
  });

  test('tell of a declined card, after which the session can still be paid', async () => {
    const { id } = await checkout();
    expect(await standIn.failCheckout(id)).toMatchObject({ status: 'requires_payment_method' });
    expect(received).toEqual(['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed']);
    expect((await standIn.completeCheckout(id)).status).toBe('complete');
    await expect(standIn.completeCheckout(id)).rejects.toMatchObject({ code: 'MAYFLY_STATE_REFUSED' });
    await expect(standIn.completeCheckout('cs_1')).rejects.toMatchObject({ code: 'MAYFLY_RECORD_NOT_FOUND' });
    await expect(standIn.redeliver('evt_1')).rejects.toMatchObject({
      code: 'MAYFLY_RECORD_NOT_FOUND',
      message: 'The stand-in for Stripe refuses: There is no event `evt_1`. Take one of `events`.',
    });
  });
});
