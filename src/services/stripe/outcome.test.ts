import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Shop } from '../../../fixtures/stripe/shop.ts';
import { useShop } from '../../../fixtures/stripe/use-shop.ts';
import type { StripeStandIn } from '../../testkit/stripe-stand-in/stand-in.ts';

const state = useOwnState();
const everybody = { uniqueness: 'global' } as const;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`events of Stripe's that bring no money on ${runtime}`, () => {
    const used = useShop(runtime);
    let shop: Shop;
    let standIn: StripeStandIn;

    beforeAll(() => {
      ({ shop, standIn } = used());
    });

    const receive = (event: Stripe.Event) => shop.services.stripe.receive(event, everybody);

    test('do not end a payment whose card was declined: another one may be tried', async () => {
      const before = standIn.events.length;
      const { reference, session } = await shop.begin();
      await standIn.failCheckout(session.id);
      const declined = standIn.events.slice(before);
      await standIn.completeCheckout(session.id);
      for (const event of declined) {
        await receive(event);
      }
      expect((await shop.services.financial.find(reference)).status).toBe('pending');
      expect((await shop.trail(reference)).at(-1)).toBe('payment_retry');

      for (const event of standIn.events.slice(before + declined.length)) {
        await receive(event);
      }
      expect((await shop.services.financial.find(reference)).status).toBe('completed');
    });

    test('let a payment fail when its session expires', async () => {
      const before = standIn.events.length;
      const { reference, session } = await shop.begin();
      await standIn.failCheckout(session.id);
      await shop.client.checkout.sessions.expire(session.id);

      for (const event of standIn.events.slice(before).reverse()) {
        await receive(event);
      }

      expect((await shop.services.financial.find(reference)).status).toBe('failed');
      expect(await shop.trail(reference)).toContain('payment_failed');
    });

    test('are refused where they contradict what is known, for a person to look at', async () => {
      const before = standIn.events.length;
      const cheap = await shop.checkout({ amount: 100 });
      // Whoever wrote the transaction expects another amount.
      await shop.write({ ...cheap, session: { ...cheap.session, amount_total: 90_000 } });
      await standIn.completeCheckout(cheap.session.id);

      const receipts = [];
      for (const event of standIn.events.slice(before)) {
        receipts.push(await receive(event));
      }

      expect(receipts.filter((receipt) => receipt.state === 'refused')).toHaveLength(2);
      expect((await shop.services.financial.find(cheap.reference)).status).toBe('pending');
      expect(await shop.services.stripe.inbox({ state: 'refused', reference: cheap.reference })).toHaveLength(2);
      const { entries } = await shop.services.audit.find({ reference: cheap.reference, severity: 'critical' });
      expect(entries.map(({ action, data }) => [action, data['reason']])).toEqual(
        Array.from({ length: 2 }, () => [
          'payment_event_refused',
          'the payment is over 90000 cents, and the event over 100',
        ]),
      );
    });

    test('are refused where two payments go by the names in them', async () => {
      const before = standIn.events.length;
      const mine = await shop.begin();
      const other = await shop.checkout();
      await standIn.completeCheckout(other.session.id);
      const completed = standIn.events.slice(before).find(({ type }) => type === 'checkout.session.completed')!;
      const mixed = structuredClone(completed) as Stripe.CheckoutSessionCompletedEvent;
      await shop.write(other);
      mixed.data.object.client_reference_id = mine.reference;

      expect(await receive(mixed)).toMatchObject({ state: 'refused', reference: other.reference });
      expect((await shop.services.financial.find(mine.reference)).status).toBe('pending');
    });
  });
}
