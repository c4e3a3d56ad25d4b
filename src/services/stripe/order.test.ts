import fc from 'fast-check';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { BeginOptions, Begun, Shop } from '../../../fixtures/stripe/shop.ts';
import { useShop } from '../../../fixtures/stripe/use-shop.ts';
import type { StripeStandIn } from '../../testkit/stripe-stand-in/stand-in.ts';

const state = useOwnState();
const everybody = { uniqueness: 'global' } as const;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`events of Stripe's in any order on ${runtime}`, () => {
    const used = useShop(runtime);
    let shop: Shop;
    let standIn: StripeStandIn;

    beforeAll(() => {
      ({ shop, standIn } = used());
    });

    /** A payment that was held, captured, and refunded in two parts at Stripe: of ten events five are to move it. */
    async function wholeLife(options: BeginOptions): Promise<Begun & { events: Stripe.Event[] }> {
      const begun = await shop.checkout({ ...options, captureMethod: 'manual' });
      const before = standIn.events.length;
      await standIn.completeCheckout(begun.session.id);
      const { payment_intent: intent } = await shop.client.checkout.sessions.retrieve(begun.session.id);
      await shop.client.paymentIntents.capture(intent as string);
      await shop.client.refunds.create({ payment_intent: intent as string, amount: 1_000 });
      await shop.client.refunds.create({ payment_intent: intent as string });
      return { ...begun, events: standIn.events.slice(before) };
    }

    const receive = (event: Stripe.Event) => shop.services.stripe.receive(event, everybody);

    async function expectWhole({ reference, events }: { reference: string; events: Stripe.Event[] }): Promise<void> {
      expect(await shop.services.financial.find(reference)).toMatchObject({ status: 'refunded', refunded: 4_200 });
      const trail = await shop.trail(reference);
      expect(trail.slice(0, 3)).toEqual(['payment_session_created', 'payment_authorized', 'payment_captured']);
      // Two parts, or both at once where the later news came first.
      expect(['payment_refunded', 'payment_refunded,payment_refunded']).toContain(trail.slice(3).join());
      const states = await shop.services.database.query<{ state: string; count: string }>(
        'SELECT state, count(*) FROM stripe_inbox WHERE event_id = ANY ($1) GROUP BY state ORDER BY state',
        [events.map(({ id }) => id)],
      );
      expect(states).toEqual([
        { state: 'ignored', count: '5' },
        { state: 'processed', count: '5' },
      ]);
      expect(await shop.services.audit.missing(reference)).toEqual(['reconciled']);
    }

    test('lead to the same, wherever among them the transaction is written, each twice', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.boolean(),
          fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 }),
          fc.nat(10),
          async (tellsReference, order, writtenAt) => {
            const life = await wholeLife({ tellsReference });
            expect(life.events).toHaveLength(10);
            for (const [place, index] of order.entries()) {
              if (place === writtenAt) {
                await shop.write(life);
                await shop.services.stripe.settle(life.reference);
              }
              await receive(life.events[index]!);
              expect(await receive(life.events[index]!)).toMatchObject({ duplicate: true });
            }
            if (writtenAt === 10) {
              await shop.write(life);
              await shop.services.stripe.settle(life.reference);
            }
            await expectWhole(life);
          },
        ),
        { numRuns: 25 },
      );
    });

    test('lead to the same when all of them come at once, together with the transaction itself', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.boolean(),
          fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { minLength: 11 }),
          async (tellsReference, order) => {
            const life = await wholeLife({ tellsReference });
            const write = async (): Promise<void> => {
              await shop.write(life);
              await shop.services.stripe.settle(life.reference);
            };
            await Promise.all(
              order.flatMap<Promise<unknown>>((index) =>
                index === 10 ? [write()] : [receive(life.events[index]!), receive(life.events[index]!)],
              ),
            );
            expect(life.events).toHaveLength(10);
            await expectWhole(life);
          },
        ),
        { numRuns: 15 },
      );
    });

    test('find each other when one is received while another has not been committed', async () => {
      const life = await wholeLife({ tellsReference: false });
      await shop.write(life);
      const authorized = life.events.find(({ type }) => type === 'payment_intent.amount_capturable_updated')!;
      const completed = life.events.find(({ type }) => type === 'checkout.session.completed')!;
      let linking: Promise<unknown> = Promise.resolve();

      await shop.services.database.transaction(async (tx) => {
        // Nobody knows yet whose payment intent that is.
        expect(await shop.services.stripe.within(tx).receive(authorized, everybody)).toMatchObject({ state: 'parked' });
        const progress = { isOver: false };
        linking = receive(completed).finally(() => {
          progress.isOver = true;
        });
        for (let waiting = 0; waiting === 0 && !progress.isOver;) {
          const [locks] = await tx.query<{ count: number }>('SELECT count(*)::int FROM pg_locks WHERE NOT granted');
          waiting = locks!.count;
        }
      });
      await linking;

      expect((await shop.services.financial.find(life.reference)).status).toBe('authorized');
    });

    test('are all carried out when the transaction is written last, also those that only another event relates to it', async () => {
      const life = await wholeLife({ tellsReference: false });
      for (const event of life.events) {
        await receive(event);
      }
      await shop.write(life);

      // Four of them know the payment intent alone, which the session's event ties to the transaction.
      const settled = await shop.services.stripe.settle(life.reference);

      expect(settled.map((entry) => entry.state)).toEqual(Array.from({ length: 5 }, () => 'processed'));
      expect((await shop.services.financial.find(life.reference)).status).toBe('refunded');
    });

    test('wait where a refund comes before the payment, and say for what', async () => {
      const life = await wholeLife({});
      await shop.write(life);
      const refunded = life.events.find(({ type }) => type === 'charge.refunded')!;

      expect(await receive(refunded)).toEqual({
        eventId: refunded.id,
        duplicate: false,
        state: 'parked',
        reason: 'the payment is pending, and only one that is completed can be refunded',
        reference: life.reference,
      });
      expect(await shop.services.stripe.inbox({ state: 'parked', reference: life.reference })).toHaveLength(1);
      expect((await shop.services.financial.find(life.reference)).status).toBe('pending');

      await receive(life.events.find(({ type }) => type === 'payment_intent.succeeded')!);
      expect(await shop.services.financial.find(life.reference)).toMatchObject({
        status: 'completed',
        refunded: 1_000,
      });
      expect(await shop.services.stripe.inbox({ state: 'parked', reference: life.reference })).toEqual([]);
    });

    test('are undone together with the transaction that they were processed in', async () => {
      const life = await wholeLife({});
      await shop.write(life);
      const before = await shop.written();

      const undone = shop.services.database.transaction(async (tx) => {
        for (const event of life.events) {
          await shop.services.stripe.within(tx).receive(event, everybody);
        }
        expect((await shop.services.financial.within(tx).find(life.reference)).status).toBe('refunded');
        throw new Error('no');
      });

      await expect(undone).rejects.toThrow('no');
      expect(await shop.written()).toEqual(before);
    });
  });
}
