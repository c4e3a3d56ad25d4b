import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { checkoutSession } from '../../../fixtures/stripe/checkout-session.ts';
import { chargeRefundedEvent } from '../../../fixtures/stripe/events.ts';
import { Shop, shopDefinition } from '../../../fixtures/stripe/shop.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Lease } from '../../environment/leases/lease.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { StripeStandIn } from '../../testkit/stripe-stand-in/stand-in.ts';

const state = useOwnState();
const everybody = { uniqueness: 'global' };

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('bad input to the Stripe service', () => {
  let environment: Environment<typeof shopDefinition>;
  let lease: Lease<typeof shopDefinition>;
  let standIn: StripeStandIn;
  let shop: Shop;
  // Whatever is given here, the compiler would refuse.
  let untyped: {
    receive(event: unknown, options: unknown): Promise<unknown>;
    webhook(options: unknown): unknown;
    settle(reference: unknown): Promise<unknown>;
    inbox(query: unknown): Promise<unknown>;
  };
  let before: unknown;

  beforeAll(async () => {
    environment = await startEnvironment(shopDefinition, { runtime: 'embedded' });
    lease = await environment.lease();
    standIn = await StripeStandIn.start();
    shop = await Shop.open(lease, standIn);
    await shop.begin();
    untyped = shop.services.stripe;
    before = await shop.written();
  });

  afterAll(async () => {
    await standIn[Symbol.asyncDispose]();
    await lease.release();
    await environment.stop();
  });

  const object = chargeRefundedEvent.data.object;
  const invalid = (field: string) => ({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining(field) });

  test.each<[field: string, event: unknown]>([
    ['What was given', null],
    ['What was given', 'evt_1'],
    ['`object`', {}],
    ['`object`', { ...chargeRefundedEvent, object: 'charge' }],
    ['`id`', { ...chargeRefundedEvent, id: 'ch_1' }],
    ['`id`', { ...chargeRefundedEvent, id: `evt_${'1'.repeat(300)}` }],
    ['`type`', { ...chargeRefundedEvent, type: '' }],
    ['`type`', { ...chargeRefundedEvent, type: 'a\0b' }],
    ['`created`', { ...chargeRefundedEvent, created: -1 }],
    ['`created`', { ...chargeRefundedEvent, created: 1.5 }],
    ['`created`', { ...chargeRefundedEvent, created: 1e15 }],
    ['`data`', { ...chargeRefundedEvent, data: undefined }],
    ['`data.object`', { ...chargeRefundedEvent, data: { object: null } }],
    ['`data.object.object`', { ...chargeRefundedEvent, data: { object: { ...object, object: 'refund' } } }],
    ['`data.object.amount_refunded`', { ...chargeRefundedEvent, data: { object: { ...object, amount_refunded: -1 } } }],
    [
      '`data.object.amount_refunded`',
      { ...chargeRefundedEvent, data: { object: { ...object, amount_refunded: 0.5 } } },
    ],
    ['`data.object.currency`', { ...chargeRefundedEvent, data: { object: { ...object, currency: 'EURO' } } }],
    ['`data.object.payment_intent`', { ...chargeRefundedEvent, data: { object: { ...object, payment_intent: 7 } } }],
    [
      '`data.object.payment_intent`',
      { ...chargeRefundedEvent, data: { object: { ...object, payment_intent: 'a\0' } } },
    ],
  ])('names %s of an event', async (field, event) => {
    await expect(untyped.receive(event, everybody)).rejects.toMatchObject(invalid(field));
  });

  test.each<[field: string, options: unknown]>([
    ['What was given', undefined],
    ['`uniqueness`', {}],
    ['`uniqueness`', { uniqueness: 'both' }],
    ['`tenant`', { uniqueness: 'tenant' }],
    ['`tenant`', { uniqueness: 'tenant', tenant: 'a-slug' }],
    ['`tenant`', { uniqueness: 'global', tenant: null }],
    ['Unrecognized key: "scope"', { uniqueness: 'global', scope: 'x' }],
  ])('names %s of the options', async (field, options) => {
    await expect(untyped.receive(chargeRefundedEvent, options)).rejects.toMatchObject(invalid(field));
  });

  test.each<[field: string, options: unknown]>([
    ['What was given', undefined],
    ['`secret`', everybody],
    ['`uniqueness`', { secret: 'whsec_1' }],
    ['`tenant`', { secret: 'whsec_1', uniqueness: 'tenant' }],
    ['`tenant`', { secret: 'whsec_1', uniqueness: 'tenant', tenant: 'a-slug' }],
    ['`secret`', { ...everybody, secret: '' }],
    ['`secret`', { ...everybody, secret: 'sk_test_1' }],
    ['`secret`', { ...everybody, secret: 'whsec_1\n' }],
    ['`tolerance`', { ...everybody, secret: 'whsec_1', tolerance: 0 }],
    ['`tolerance`', { ...everybody, secret: 'whsec_1', tolerance: 1.5 }],
    ['`onFailure`', { ...everybody, secret: 'whsec_1', onFailure: 'log' }],
  ])('names %s of a webhook', (field, options) => {
    expect(() => untyped.webhook(options)).toThrow(expect.objectContaining(invalid(field)));
  });

  test.each<[field: string, query: unknown]>([
    ['`state`', { state: 'lost' }],
    ['`reference`', { reference: '' }],
    ['`tenant`', { tenant: 'a-slug' }],
    ['`limit`', { limit: 0 }],
    ['`limit`', { limit: 1_001 }],
    ['`after.createdAt`', { after: { createdAt: new Date(Number.NaN), eventId: 'evt_1', scope: 'global' } }],
    ['`after.scope`', { after: { createdAt: new Date(), eventId: 'evt_1' } }],
  ])('names %s of a question about the inbox', async (field, query) => {
    await expect(untyped.inbox(query)).rejects.toMatchObject(invalid(field));
  });

  test.each(['', 7, null, 'a\0b', 'x'.repeat(256)])('settles nothing for %j', async (reference) => {
    await expect(untyped.settle(reference)).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
  });

  test('settles no transaction that there is not', async () => {
    await expect(untyped.settle('nobody')).rejects.toMatchObject({ code: 'MAYFLY_RECORD_NOT_FOUND' });
  });

  test('is answered with a coded error whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (event, options) => {
        await expect(untyped.receive(event, options)).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
        await expect(untyped.receive(event, everybody)).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
      }),
    );
  });

  test('is answered with a coded error wherever in an event it is', async () => {
    const fields = ['amount_refunded', 'currency', 'object'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.anything(), async (field, value) => {
        fc.pre(
          !(field === 'amount_refunded' && typeof value === 'number' && Number.isSafeInteger(value) && value >= 0),
        );
        fc.pre(!(typeof value === 'string' && /^[a-z]{3}$|^charge$/.test(value)));
        const event = { ...chargeRefundedEvent, data: { object: { ...object, [field]: value } } };
        await expect(untyped.receive(event, everybody)).rejects.toMatchObject(invalid(`\`data.object.${field}\``));
      }),
    );
  });

  test.each(['client_reference_id', 'metadata'])('keeps no address that somebody put into %s', async (field) => {
    const given = field === 'metadata' ? { reference: 'ada@example.com' } : 'ada@example.com';
    const session = { ...checkoutSession, client_reference_id: null, [field]: given };
    const event = { ...chargeRefundedEvent, type: 'checkout.session.completed', data: { object: session } };

    const undone = shop.services.database.transaction(async (tx) => {
      const { stripe } = shop.services;
      expect(await stripe.within(tx).receive(event, { uniqueness: 'global' })).toMatchObject({ state: 'parked' });
      expect(JSON.stringify(await stripe.within(tx).inbox())).not.toContain('@');
      throw new Error('enough');
    });

    await expect(undone).rejects.toThrow('enough');
  });

  test('has written nothing after all of that', async () => {
    expect(await shop.written()).toEqual(before);
  });
});
