import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { nothing, usePlatform } from '../../../fixtures/harness/platform.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { TenantId } from '../../services/database/identifiers.ts';
import type { Cents } from '../../services/database/money.ts';
import type { PurchaseOptions } from './purchase.ts';
import { testkit, type Testkit } from './testkit.ts';
import type { AuditTrail, TrailEntry } from './trail.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the factories on ${runtime}`, () => {
    const platform = usePlatform(runtime);
    const make = (): Testkit => testkit(platform.lease.services);

    test('a purchase is written with everything that hangs on it', async () => {
      const { tenant, event, transaction, tickets, registrations } = await make().purchase({ tickets: 3 });

      expect(await platform.counts()).toEqual({ tenants: 1, events: 1, transactions: 1, tickets: 3, registrations: 3 });
      expect(event.tenantId).toBe(tenant.id);
      expect(transaction).toMatchObject({ tenantId: tenant.id, status: 'completed' });
      expect(transaction.amount).toBe(tickets.reduce((sum, { price }) => sum + price, 0));
      expect(tickets.map((ticket) => [ticket.eventId, ticket.transactionId])).toEqual(
        Array.from({ length: 3 }, () => [event.id, transaction.id]),
      );
      expect(registrations.map(({ ticketId }) => ticketId)).toEqual(tickets.map(({ id }) => id));
    });

    test('what is given back is what the database has', async () => {
      const { transaction } = await make().purchase({ transaction: { status: 'refunded' } });
      const { rows } = await platform.lease.pool.query(
        `SELECT reference, amount::int, fees::int, refunded::int, currency, status, email, created_at AS "createdAt",
          completed_at AS "completedAt" FROM transactions`,
      );

      expect([transaction]).toMatchObject(rows);
      expect(transaction.refunded).toBe(transaction.amount);
    });

    test('an identifier can be any that the database takes, also one that is easy to read', async () => {
      const id = '11111111-1111-1111-1111-111111111111' as TenantId;

      await make().tenant({ id });

      expect((await make().purchase({ tenantId: id })).tenant.id).toBe(id);
    });

    test('any field can be said, for all or for each', async () => {
      const { tenant, event, transaction, tickets, registrations } = await make().purchase({
        tickets: 2,
        tenant: { name: 'The Hall' },
        event: { capacity: 7 },
        transaction: { reference: 'TX-7', paymentIntent: null, email: null },
        ticket: { price: 5_000 as Cents },
        registration: (index) => ({ name: `Guest ${index + 1}`, dietaryRestrictions: null }),
      });

      expect([tenant.name, event.capacity]).toEqual(['The Hall', 7]);
      expect(transaction).toMatchObject({ reference: 'TX-7', paymentIntent: null, email: null, amount: 10_000 });
      expect(tickets.map(({ price }) => price)).toEqual([5_000, 5_000]);
      expect(registrations.map(({ name }) => name)).toEqual(['Guest 1', 'Guest 2']);
      expect(await platform.counts()).toMatchObject({ tickets: 2, registrations: 2 });
    });

    test('a purchase joins a tenant and an event that exist, and its cleanup leaves them', async () => {
      const tenant = await make().tenant();
      const event = await make().event({ tenantId: tenant.id });

      const purchase = await make().purchase({ eventId: event.id, tickets: 2 });

      expect(purchase).toMatchObject({ tenant, event });
      await purchase.cleanup();
      expect(await platform.counts()).toEqual({ ...nothing, tenants: 1, events: 1 });
      expect((await make().purchase({ tenantId: tenant.id })).event.id).not.toBe(event.id);
    });

    test.each([
      { status: 'pending', tickets: 0 },
      { status: 'authorized', tickets: 0 },
      { status: 'completed', tickets: 1 },
      { status: 'failed', tickets: 0 },
      { status: 'refunded', tickets: 1 },
    ] as const)('a payment that is $status comes with $tickets tickets', async ({ status, tickets }) => {
      const purchase = await make().purchase({ transaction: { status } });

      expect(purchase.tickets).toHaveLength(tickets);
      expect(purchase.transaction.completedAt === null).toBe(tickets === 0);
    });

    test.each([
      {
        what: 'completed',
        options: { tickets: 2, ticket: (index) => (index === 0 ? { status: 'validated' } : {}) },
        trail: [
          'payment_session_created',
          'payment_authorized',
          'payment_captured',
          'ticket_created',
          'ticket_created',
          'registration_completed',
          'registration_completed',
          'ticket_validated',
          'payment_reconciled',
        ],
      },
      {
        what: 'completed, and not reconciled yet',
        options: { tickets: 0, reconciled: false },
        trail: ['payment_session_created', 'payment_authorized', 'payment_captured'],
      },
      {
        what: 'failed',
        options: { transaction: { status: 'failed' } },
        trail: ['payment_session_created', 'payment_failed'],
      },
    ] satisfies { what: string; options: PurchaseOptions; trail: string[] }[])(
      'the trail of a payment that is $what is the one that the platform leaves',
      async ({ options, trail }) => {
        const entries: TrailEntry[] = [];
        const audit: AuditTrail = { within: () => audit, recordAll: async (all) => entries.push(...all) };
        const { transaction, registrations } = await testkit({ ...platform.lease.services, audit }).purchase(options);

        expect(entries.map(({ action }) => action)).toEqual(trail);
        expect(new Set(entries.map(({ reference }) => reference))).toEqual(new Set([transaction.reference]));
        const personal = [transaction.email, ...registrations.flatMap(({ name, email }) => [name, email])];
        expect(personal.filter((value) => JSON.stringify(entries).includes(value!))).toEqual([]);
      },
    );

    test('makers that work at the same time never meet', async () => {
      const makers = Array.from({ length: 8 }, () => testkit(platform.lease.services));
      await Promise.all(makers.flatMap((one) => [one.purchase({ tickets: 3 }), one.purchase({ tickets: 3 })]));

      expect(await platform.counts()).toMatchObject({ transactions: 16, tickets: 48 });
    });

    test('a seed gives the same purchase again, once the first is gone', async () => {
      const first = await testkit(platform.lease.services, { seed: 7 }).purchase({ tickets: 2 });
      await first.cleanup();
      const second = await testkit(platform.lease.services, { seed: 7 }).purchase({ tickets: 2 });

      expect({ ...second, cleanup: undefined }).toEqual({ ...first, cleanup: undefined });
    });

    test('1,000 tickets take no more statements than one', async () => {
      await make().purchase({ tickets: 1_000 });

      expect(await platform.counts()).toMatchObject({ tickets: 1_000, registrations: 1_000 });
    });
  });
}
