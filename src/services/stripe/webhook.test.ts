import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { paidBy } from '../../../fixtures/stripe/paid.ts';
import { Shop } from '../../../fixtures/stripe/shop.ts';
import { useShop } from '../../../fixtures/stripe/use-shop.ts';
import type { MayflyError } from '../../errors/mayfly-error.ts';
import { StripeStandIn } from '../../testkit/stripe-stand-in/stand-in.ts';
import type { Webhook } from './webhook.ts';

const state = useOwnState();
const secret = 'whsec_of_this_test';

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a webhook of Stripe's on ${runtime}`, () => {
    const used = useShop(runtime);
    let shop: Shop;
    let deliver: Webhook;

    beforeAll(() => {
      ({ shop } = used());
      deliver = shop.services.stripe.webhook({ secret, uniqueness: 'global' });
    });

    test('takes a payment through its states when mounted in Hono, and leaves a trail without gaps', async () => {
      const app = new Hono().post('/webhooks/stripe', (context) => deliver(context.req.raw));
      await using own = await StripeStandIn.start();
      own.addEndpoint(async (request) => app.request('/webhooks/stripe', request), { secret });
      const here = await Shop.open(used().lease, own);
      const { reference, session } = await here.begin();

      await own.completeCheckout(session.id);

      const payment = await shop.services.financial.find(reference);
      expect(payment).toMatchObject({ status: 'completed', stripeSession: session.id });
      expect(payment.paymentIntent).toMatch(/^pi_/);
      expect(await shop.trail(reference)).toEqual([
        'payment_session_created',
        'payment_authorized',
        'payment_captured',
      ]);
      expect(own.attempts.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(JSON.parse(own.attempts.at(-1)!.body!)).toMatchObject({
        received: true,
        duplicate: false,
        state: 'processed',
      });
    });

    test('works on a server of node:http', async () => {
      const server = await nodeServer(deliver);
      await using own = await StripeStandIn.start();
      own.addEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`, { secret });
      const here = await Shop.open(used().lease, own);
      const { reference, session } = await here.begin();

      await own.completeCheckout(session.id);
      await here.client.refunds.create({
        payment_intent: (await shop.services.financial.find(reference)).paymentIntent!,
      });
      await own.delivered();

      expect(await shop.services.financial.find(reference)).toMatchObject({ status: 'refunded', refunded: 4_200 });
      expect((await shop.trail(reference)).at(-1)).toBe('payment_refunded');
      server.close();
      server.closeAllConnections();
    });

    test('processes an event once when it is delivered fifty times at the same time', async () => {
      const { reference, request } = await paidBy(shop, secret);
      const requests = await Promise.all(Array.from({ length: 50 }, () => request()));

      const answers = await Promise.all(requests.map(deliver));

      const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as {
        duplicate: boolean;
        state: string;
      }[];
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
      expect(bodies.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      // Whoever is told that it is a duplicate is told what became of the first.
      expect(new Set(bodies.map((body) => body.state))).toEqual(new Set(['processed']));
      expect(await shop.trail(reference)).toEqual([
        'payment_session_created',
        'payment_authorized',
        'payment_captured',
      ]);
      expect(await shop.services.financial.events(reference)).toHaveLength(3);
      expect(await shop.services.audit.verify()).toMatchObject({ valid: true });
    });

    test('writes nothing when processing fails, so that the next delivery succeeds', async () => {
      const failures: MayflyError[] = [];
      const endpoint = shop.services.stripe.webhook({
        secret,
        uniqueness: 'global',
        onFailure: (failure) => failures.push(failure),
      });
      const { reference, request } = await paidBy(shop, secret);
      const before = await shop.written();
      const failing = shop.services.audit.intercept('payment_captured', () => {
        throw new Error('the disk is full');
      });

      const answers = await Promise.all([endpoint(await request()), endpoint(await request())]);

      expect(answers.map(({ status }) => status)).toEqual([500, 500]);
      expect(await answers[0].json()).toEqual({
        error: { code: 'MAYFLY_WEBHOOK_FAILED', message: 'Nothing was written. Deliver the event again.' },
      });
      expect(failures).toHaveLength(2);
      expect(failures[0]).toMatchObject({
        code: 'MAYFLY_WEBHOOK_FAILED',
        message: expect.stringContaining('the disk is full'),
      });
      expect(await shop.written()).toEqual(before);

      failing();
      const retried = await endpoint(await request());
      expect(retried.status).toBe(200);
      expect(await retried.json()).toMatchObject({ duplicate: false, state: 'processed' });
      expect((await shop.services.financial.find(reference)).status).toBe('completed');
    });

    test('does not blame Stripe for what another service refuses, and tells why', async () => {
      const failures: MayflyError[] = [];
      const onFailure = (failure: MayflyError): unknown => failures.push(failure);
      const endpoint = shop.services.stripe.webhook({ secret, uniqueness: 'global', onFailure });
      const { request } = await paidBy(shop, secret);
      const failing = shop.services.audit.intercept('payment_captured', (event) => ({ ...event, actor: '' }));

      const { status } = await endpoint(await request());

      failing();
      expect(status).toBe(500);
      expect(failures).toMatchObject([{ message: expect.stringContaining('`actor` is not valid') }]);
    });

    test('hands a delivery on when the one that it waited for fails', async () => {
      const { reference, request } = await paidBy(shop, secret);
      let calls = 0;
      const failing = shop.services.audit.intercept('payment_captured', (event) => {
        calls += 1;
        if (calls === 1) {
          throw new Error('once');
        }
        return event;
      });
      const requests = await Promise.all(Array.from({ length: 10 }, () => request()));

      const statuses = (await Promise.all(requests.map(deliver))).map(({ status }) => status);

      failing();
      expect(statuses.filter((status) => status === 500)).toHaveLength(1);
      expect(statuses.filter((status) => status === 200)).toHaveLength(9);
      expect((await shop.services.financial.find(reference)).status).toBe('completed');
    });

    test('takes nothing but POST', async () => {
      const answer = await deliver(new Request('http://shop.example/webhook'));
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
    });

    test('says so when somebody has read the body before', async () => {
      const failures: MayflyError[] = [];
      const endpoint = shop.services.stripe.webhook({
        secret,
        uniqueness: 'global',
        onFailure: (failure) => failures.push(failure),
      });
      const { request } = await paidBy(shop, secret);
      const read = await request();
      await read.json();

      expect((await endpoint(read)).status).toBe(500);
      expect(failures[0]?.message).toContain('had been read before');
    });
  });
}

/** What adapters do: a `Request` from what Node received, and its answer from a `Response`. */
async function nodeServer(handle: Webhook): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method!,
      headers: incoming.headers as Record<string, string>,
      body: Readable.toWeb(incoming) as ReadableStream,
      duplex: 'half',
    });
    void (async () => {
      const response = await handle(request);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
