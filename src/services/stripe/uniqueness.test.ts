import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { addTenant, type Shop } from '../../../fixtures/stripe/shop.ts';
import { useShop } from '../../../fixtures/stripe/use-shop.ts';
import type { StripeStandIn } from '../../testkit/stripe-stand-in/stand-in.ts';
import type { TenantId } from '../database/identifiers.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the id of an event on ${runtime}`, () => {
    const used = useShop(runtime);
    let shop: Shop;
    let standIn: StripeStandIn;
    let tenants: { a: TenantId; b: TenantId };

    beforeAll(async () => {
      ({ shop, standIn } = used());
      tenants = { a: await addTenant(used().lease), b: await addTenant(used().lease) };
    });

    /** A payment of each tenant, and for each an event that completes it: with the same id, as if from two accounts. */
    async function sameIds() {
      const payments = await Promise.all(
        [tenants.a, tenants.b].map(async (tenant) => {
          const begun = await shop.begin({ tenant });
          await standIn.completeCheckout(begun.session.id);
          const completed = standIn.events.find(
            ({ type, data }) =>
              type === 'checkout.session.completed' && (data.object as { id: string }).id === begun.session.id,
          )!;
          return { reference: begun.reference, event: structuredClone(completed) };
        }),
      );
      const [a, b] = payments as [(typeof payments)[number], (typeof payments)[number]];
      b.event.id = a.event.id;
      return { a, b };
    }

    const statusOf = async (reference: string): Promise<string> =>
      (await shop.services.financial.find(reference)).status;

    test('counts once for each tenant where it is unique per tenant, also at the same time', async () => {
      const { a, b } = await sameIds();
      const receive = (event: Stripe.Event, tenant: TenantId) =>
        shop.services.stripe.receive(event, { uniqueness: 'tenant', tenant });

      const receipts = await Promise.all(
        Array.from({ length: 10 }, () => [receive(a.event, tenants.a), receive(b.event, tenants.b)]).flat(),
      );

      const carriedOut = receipts.filter(({ duplicate }) => !duplicate).map(({ reference }) => reference);
      expect(carriedOut).toHaveLength(2);
      expect(new Set(carriedOut)).toEqual(new Set([a.reference, b.reference]));
      expect([await statusOf(a.reference), await statusOf(b.reference)]).toEqual(['completed', 'completed']);
    });

    test('counts once altogether where it is unique globally', async () => {
      const { a, b } = await sameIds();

      const first = await shop.services.stripe.receive(a.event, { uniqueness: 'global', tenant: tenants.a });
      const second = await shop.services.stripe.receive(b.event, { uniqueness: 'global', tenant: tenants.b });

      expect(first).toMatchObject({ duplicate: false, reference: a.reference });
      expect(second).toMatchObject({ duplicate: true, reference: a.reference });
      expect([await statusOf(a.reference), await statusOf(b.reference)]).toEqual(['completed', 'pending']);
    });

    test.each(['global', 'tenant'] as const)('moves no payment of another tenant (%s)', async (uniqueness) => {
      const { a } = await sameIds();

      const receipt = await shop.services.stripe.receive(a.event, { uniqueness, tenant: tenants.b });

      expect(receipt).toMatchObject({ state: 'parked', reason: 'the payment is not known yet', reference: null });
      expect(await statusOf(a.reference)).toBe('pending');
      // Nor later, when the payment is looked at for its own tenant.
      await shop.services.stripe.settle(a.reference);
      expect(await statusOf(a.reference)).toBe('pending');
    });

    test('is asked for by tenant', async () => {
      const { a } = await sameIds();
      await shop.services.stripe.receive(a.event, { uniqueness: 'tenant', tenant: tenants.a });
      const entries = await shop.services.stripe.inbox({ tenant: tenants.a, reference: a.reference });
      expect(entries).toMatchObject([
        { scope: tenants.a, tenantId: tenants.a, eventId: a.event.id, state: 'processed' },
      ]);
    });

    test('is paged through without gaps', async () => {
      const all = await shop.services.stripe.inbox();
      const paged = [];
      for (let [entry] = await shop.services.stripe.inbox({ limit: 1 }); entry !== undefined;) {
        paged.push(entry);
        [entry] = await shop.services.stripe.inbox({ limit: 1, after: entry });
      }
      expect(all.length).toBeGreaterThan(3);
      expect(paged).toEqual(all);
    });
  });
}
