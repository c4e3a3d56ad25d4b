import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { nothing, usePlatform } from '../../../fixtures/harness/platform.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type EventId, type TenantId } from '../../services/database/identifiers.ts';
import type { TicketedEvent } from '../../services/database/models.ts';
import type { Cents } from '../../services/database/money.ts';
import type { PurchaseOptions } from './purchase.ts';
import { testkit, type Testkit } from './testkit.ts';
import type { AuditTrail } from './trail.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`what the factories refuse on ${runtime}`, () => {
    const platform = usePlatform(runtime);
    const make = (): Testkit => testkit(platform.lease.services);

    test.each<{ what: string; options: PurchaseOptions; says: string }>([
      { what: 'half a ticket', options: { tickets: 0.5 }, says: '`tickets`' },
      { what: 'less than no tickets', options: { tickets: -1 }, says: '`tickets`' },
      { what: 'an amount with a fraction', options: { transaction: { amount: 1.5 as Cents } }, says: '`amount`' },
      { what: 'a price below nothing', options: { ticket: { price: -1 as Cents } }, says: '`price`' },
      { what: 'an event without room', options: { event: { capacity: 0 } }, says: '`capacity`' },
      { what: 'an event of which nobody knows', options: { event: { capacity: null as never } }, says: '`capacity`' },
      { what: 'a slug with capitals', options: { tenant: { slug: 'Hall' as never } }, says: '`slug`' },
      { what: 'no address', options: { registration: { email: 'ada' } }, says: '`email`' },
      { what: 'a slug for an identifier', options: { ticket: { id: 'hall' as never } }, says: '`id`' },
      {
        what: 'a tenant that exists and what it is to be',
        options: { tenantId: newId<TenantId>(), tenant: {} },
        says: '`tenant`',
      },
    ])('$what is refused by name, and nothing is written', async ({ options, says }) => {
      await expect(make().purchase(options)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        service: 'testkit',
        message: expect.stringContaining(says),
      });
      expect(await platform.counts()).toEqual(nothing);
    });

    test('so is anything else that a field cannot be', async () => {
      const wrong = fc.oneof(fc.constant(null), fc.boolean(), fc.double(), fc.object(), fc.constant(''));
      const field = fc.constantFrom<keyof TicketedEvent>('id', 'tenantId', 'name', 'startsAt');
      await fc.assert(
        fc.asyncProperty(field, wrong, async (name, value) => {
          await expect(make().purchase({ event: { [name]: value } })).rejects.toMatchObject({
            code: 'MAYFLY_INPUT_INVALID',
            message: expect.stringContaining(`\`${name}\``),
          });
        }),
        { numRuns: 50 },
      );
      expect(await platform.counts()).toEqual(nothing);
    });

    test.each([
      { what: 'a tenant', options: { tenantId: newId<TenantId>() } },
      { what: 'an event', options: { eventId: newId<EventId>() } },
    ])('$what that does not exist is said to be missing', async ({ options }) => {
      await expect(make().purchase(options)).rejects.toMatchObject({ code: 'MAYFLY_RECORD_NOT_FOUND' });
      expect(await platform.counts()).toEqual(nothing);
    });

    test('nothing is written where the database refuses the last of it', async () => {
      const purchase = make().purchase({ tickets: 3, registration: { id: newId() } });

      await expect(purchase).rejects.toThrow('registrations_pkey');
      expect(await platform.counts()).toEqual(nothing);
    });

    test.each<[code: string, what: string, make: (kit: Testkit) => Promise<unknown>]>([
      ['MAYFLY_RECORD_NOT_FOUND', 'events_tenant_id_fkey', (kit) => kit.event({ tenantId: newId<TenantId>() })],
      [
        'MAYFLY_RECORD_NOT_FOUND',
        'tickets_event_id_fkey',
        (kit) => kit.purchase({ ticket: { eventId: newId<EventId>() } }),
      ],
      ['MAYFLY_STATE_REFUSED', 'tickets_number_key', (kit) => kit.purchase({ tickets: 2, ticket: { number: 'T' } })],
      ['MAYFLY_INPUT_INVALID', 'transactions_check', (kit) => kit.purchase({ transaction: { fees: 9e9 as Cents } })],
      ['MAYFLY_INPUT_INVALID', 'out of range', (kit) => kit.event({ capacity: 2 ** 31 })],
      ['MAYFLY_INPUT_INVALID', 'invalid byte sequence', (kit) => kit.tenant({ name: 'a\0b' })],
    ])('what the database refuses is %s: %s', async (code, what, write) => {
      const refused = { code, service: 'testkit', message: expect.stringContaining(what) };

      await expect(write(make())).rejects.toMatchObject(refused);
      expect(await platform.counts()).toEqual(nothing);
    });

    test('nor where the audit log refuses the last of the trail', async () => {
      const refusing: AuditTrail = {
        within: () => refusing,
        recordAll: async (entries) => {
          if (entries.some(({ action }) => action === 'payment_reconciled')) {
            throw new Error('no');
          }
        },
      };

      await expect(testkit({ ...platform.lease.services, audit: refusing }).purchase()).rejects.toThrow('no');
      expect(await platform.counts()).toEqual(nothing);
    });
  });
}
