import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useSharedLease } from '../../../fixtures/harness/shared-lease.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { testkit } from '../../testkit/data/testkit.ts';
import { audit } from '../audit/service.ts';
import { Database } from '../database/database.ts';
import type { Cents } from '../database/money.ts';
import { database } from '../database/service.ts';
import { financial } from '../financial/service.ts';
import { wallet } from '../wallet/service.ts';
import { Wallet } from '../wallet/wallet.ts';
import { consistency, type Inconsistency } from './consistency.ts';
import { shareDatabase } from './shared-database.ts';

const state = useOwnState();
const definition = {
  redis: false,
  leases: { superuser: true },
  services: [database, audit, financial, wallet],
} as const;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the consistency of the suite on ${runtime}`, () => {
    const shared = useSharedLease(runtime, definition);

    const findings = async (): Promise<readonly Inconsistency[]> => (await consistency(shared.lease.services)).findings;

    /** As somebody does who restores a dump, or knows better: without foreign keys and triggers. */
    const pastTheRules = async (...statements: readonly string[]): Promise<void> => {
      await shared.lease.services.database.transaction(async (tx) => {
        await tx.query(`SET LOCAL session_replication_role = 'replica'`);
        for (const statement of statements) {
          await tx.query(statement);
        }
      });
    };

    test('holds of purchases of every kind, and of nothing at all', async () => {
      expect(await consistency(shared.lease.services)).toEqual({ consistent: true, findings: [] });

      const make = testkit(shared.lease.services);
      const { event } = await make.purchase({ tickets: 3 });
      await make.purchase({ eventId: event.id, transaction: { status: 'refunded' }, tickets: 2 });
      await make.purchase({ eventId: event.id, transaction: { status: 'pending' } });
      await make.purchase({ transaction: { status: 'failed' }, tickets: 1 });
      // More than any event that is made up has room for.
      await make.purchase({ tickets: 501 });

      expect(await consistency(shared.lease.services)).toEqual({ consistent: true, findings: [] });
    });

    test.each([
      { rule: 'a ticket has an event and a transaction', orphan: 'events', of: ['T-7'] },
      { rule: 'a ticket has an event and a transaction', orphan: 'transactions', of: ['T-7'] },
    ])('finds a ticket whose $orphan are gone', async ({ rule, orphan, of }) => {
      await testkit(shared.lease.services).purchase({ ticket: { number: 'T-7' } });
      await pastTheRules(`DELETE FROM ${orphan}`);

      expect(await findings()).toContainEqual({ rule, of });
    });

    test('finds a registration whose ticket is gone', async () => {
      const { registrations } = await testkit(shared.lease.services).purchase();
      await pastTheRules('DELETE FROM tickets');

      expect(await findings()).toContainEqual({ rule: 'a registration has a ticket', of: [registrations[0]!.id] });
    });

    test("finds a ticket for another tenant's event", async () => {
      const make = testkit(shared.lease.services);
      const event = await make.event();
      await make.purchase({ ticket: { eventId: event.id, number: 'T-7' } });

      expect(await findings()).toEqual([{ rule: "a ticket's event is of the tenant that was paid", of: ['T-7'] }]);
    });

    test.each(['pending', 'authorized', 'failed', 'refunded'] as const)(
      'finds a ticket that admits somebody whose payment is %s',
      async (status) => {
        await testkit(shared.lease.services).purchase({
          tickets: 1,
          transaction: { status },
          ticket: { status: 'issued', number: 'T-7' },
        });

        expect(await findings()).toEqual([{ rule: 'a ticket that admits somebody was paid', of: ['T-7'] }]);
      },
    );

    test.each([-1, 1])('finds an amount that is %i cent off the sum', async (off) => {
      await testkit(shared.lease.services).purchase({
        tickets: 2,
        ticket: { price: 5_000 as Cents },
        transaction: { amount: (10_000 + off) as Cents, reference: 'TX-7' },
      });

      expect(await findings()).toEqual([
        { rule: "a transaction's amount is the sum of its tickets' prices", of: ['TX-7'] },
      ]);
    });

    test('finds a payment for which there is no ticket', async () => {
      await testkit(shared.lease.services).purchase({ tickets: 0, transaction: { reference: 'TX-7' } });

      expect(await findings()).toEqual([{ rule: 'a payment that is completed has tickets', of: ['TX-7'] }]);
    });

    test('finds an event with more tickets than room, and counts none that were cancelled', async () => {
      const make = testkit(shared.lease.services);
      const { event } = await make.purchase({ event: { capacity: 2, name: 'The Hall' }, tickets: 2 });
      await make.purchase({ eventId: event.id, tickets: 1, transaction: { status: 'refunded' } });
      expect(await findings()).toEqual([]);

      await make.purchase({ eventId: event.id });
      expect(await findings()).toEqual([{ rule: 'an event has no more tickets than room', of: ['The Hall'] }]);
    });

    test('names the first ten of many', async () => {
      const make = testkit(shared.lease.services);
      await make.purchase({
        tickets: 30,
        transaction: { status: 'failed' },
        ticket: (index) => ({ status: 'issued', number: `T-${index + 100}` }),
      });

      const expected = Array.from({ length: 10 }, (_, index) => `T-${index + 100}`);
      expect(await findings()).toEqual([{ rule: 'a ticket that admits somebody was paid', of: expected }]);
    });

    test('finds an entry of the audit log that was changed', async () => {
      await using own = await shared.environment.lease();
      await testkit(own.services).purchase();
      await own.pool.query(
        `SET session_replication_role = 'replica'; UPDATE audit.entries SET actor = 'nobody' WHERE sequence = 2`,
      );

      expect((await consistency(own.services)).findings).toEqual([
        { rule: 'the audit chain verifies', of: ['entry 2: changed'] },
      ]);
    });

    test('finds tables that are gone, and asks nothing of them', async () => {
      await using own = await shared.environment.lease();
      await own.pool.query('DROP TABLE wallet_passes, registrations CASCADE');

      expect(await consistency(own.services)).toEqual({
        consistent: false,
        findings: [{ rule: 'the tables of all services are there', of: ['registrations', 'wallet_passes'] }],
      });
    });

    test('finds a service on another database, and moves it', async () => {
      await using other = await Database.open({ connectionString: shared.lease.postgres.plainUrl, max: 1 });
      const services = { ...shared.lease.services, wallet: new Wallet(other, shared.lease.services.audit) };
      expect(await consistency(services)).toEqual({
        consistent: false,
        findings: [{ rule: 'all services work on one database', of: ['wallet'] }],
      });

      const repaired = shareDatabase(services);

      expect(await consistency(repaired)).toEqual({ consistent: true, findings: [] });
      expect(repaired.wallet.sharedConnection).toBe(shared.lease.services.database);
      expect(repaired.audit).toBe(services.audit);
      await other[Symbol.asyncDispose]();
      const { tickets } = await testkit(shared.lease.services).purchase();
      await expect(repaired.wallet.issue(tickets[0]!.id)).resolves.toBeDefined();
    });

    test('finds one that was kept from another lease', async () => {
      await using own = await shared.environment.lease();

      const services = {
        ...own.services,
        audit: shared.lease.services.audit,
        financial: shared.lease.services.financial,
      };

      expect((await consistency(services)).findings).toEqual([
        { rule: 'all services work on one database', of: ['audit', 'financial'] },
      ]);
      expect((await consistency(shareDatabase(services))).consistent).toBe(true);
    });

    test('says of one that cannot be moved what it lacks', () => {
      const services = { ...shared.lease.services, mail: { sharedConnection: 'elsewhere' } };

      expect(() => shareDatabase(services)).toThrow(
        expect.objectContaining({ code: 'MAYFLY_STATE_REFUSED', service: 'mail' }),
      );
    });
  });
}
