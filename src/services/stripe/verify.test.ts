import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { paidBy } from '../../../fixtures/stripe/paid.ts';
import type { Shop } from '../../../fixtures/stripe/shop.ts';
import { useShop } from '../../../fixtures/stripe/use-shop.ts';
import type { Forgery } from '../../testkit/stripe-stand-in/stand-in.ts';
import type { Webhook } from './webhook.ts';

const state = useOwnState();
const secret = 'whsec_of_this_test';
const hour = 60 * 60 * 1_000;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the origin of a delivery on ${runtime}`, () => {
    const used = useShop(runtime);
    let shop: Shop;
    let deliver: Webhook;

    beforeAll(() => {
      ({ shop } = used());
      deliver = shop.services.stripe.webhook({ secret, uniqueness: 'global' });
    });

    test.each<{ what: string; forgery?: Forgery; headers?: (headers: Headers) => void; reason: string }>([
      { what: 'another secret', forgery: { secret: 'whsec_of_somebody_else' }, reason: 'signature_invalid' },
      { what: 'another body', forgery: { body: '{"id":"evt_1","object":"event"}' }, reason: 'signature_invalid' },
      { what: 'an empty body', forgery: { body: '' }, reason: 'signature_invalid' },
      { what: 'a signature of an hour ago', forgery: { signedAt: new Date(Date.now() - hour) }, reason: 'too_old' },
      {
        what: 'a signature of 301 seconds ago',
        forgery: { signedAt: new Date(Date.now() - 301_000) },
        reason: 'too_old',
      },
      { what: 'no signature', headers: (headers) => headers.delete('stripe-signature'), reason: 'signature_missing' },
      {
        what: 'an empty signature',
        headers: (headers) => headers.set('stripe-signature', ''),
        reason: 'signature_missing',
      },
      {
        what: 'nonsense',
        headers: (headers) => headers.set('stripe-signature', 'nonsense'),
        reason: 'signature_invalid',
      },
      {
        what: 'a signature of another scheme',
        headers: (headers) => headers.set('stripe-signature', headers.get('stripe-signature')!.replace('v1=', 'v0=')),
        reason: 'signature_invalid',
      },
      {
        what: 'a newer time than was signed',
        forgery: { signedAt: new Date(Date.now() - hour) },
        headers: (headers) =>
          headers.set(
            'stripe-signature',
            headers.get('stripe-signature')!.replace(/t=\d+/, `t=${Math.floor(Date.now() / 1000)}`),
          ),
        reason: 'signature_invalid',
      },
    ])('refuses a delivery with $what, and writes nothing', async ({ forgery, headers, reason }) => {
      const { request } = await paidBy(shop, secret);
      const before = await shop.written();
      const forged = await request(forgery);
      headers?.(forged.headers);

      const answer = await deliver(forged);

      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { code: 'MAYFLY_WEBHOOK_REFUSED', reason } });
      expect(await shop.written()).toEqual(before);
    });

    test('has a replay of an hour later for too old, and one within five minutes for a duplicate', async () => {
      const { request } = await paidBy(shop, secret);
      const first = await request();
      const again = first.clone();
      expect(await (await deliver(first)).json()).toMatchObject({ duplicate: false });
      expect(await (await deliver(again)).json()).toMatchObject({ duplicate: true, state: 'processed' });
    });

    test('refuses what was signed and is no event', async () => {
      const sign = async (payload: string): Promise<Request> =>
        new Request('http://shop.example/webhook', {
          method: 'POST',
          body: payload,
          headers: {
            'stripe-signature': await shop.client.webhooks.generateTestHeaderStringAsync({ payload, secret }),
          },
        });
      const before = await shop.written();

      const noJson = await deliver(await sign('not JSON'));
      const thin = await deliver(await sign('{"object":"v2.core.event","id":"evt_1"}'));
      const empty = await deliver(
        await sign('{"object":"event","id":"evt_1","created":1,"type":"charge.refunded","data":{"object":{}}}'),
      );

      expect([noJson.status, thin.status, empty.status]).toEqual([400, 400, 400]);
      expect(await noJson.json()).toMatchObject({ error: { reason: 'not_an_event' } });
      expect(await thin.json()).toMatchObject({ error: { reason: 'not_an_event' } });
      expect(await empty.json()).toMatchObject({
        error: { code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining('`data.object.object`') },
      });
      expect(await shop.written()).toEqual(before);
    });
  });
}
