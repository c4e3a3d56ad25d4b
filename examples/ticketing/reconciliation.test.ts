import type { Cents, Currency } from 'mayfly/services';
import { expect, test } from './ticketing.ts';

const hour = 3_600_000;
const today = () => ({ from: new Date(Date.now() - hour), to: new Date(Date.now() + hour) });

test('what Stripe has and what the database has is the same', async ({ buy, services, standIn }) => {
  const orders = [await buy(1), await buy(2), await buy(3)];
  for (const { pay } of orders) {
    await pay();
  }

  const provider = standIn.events
    .flatMap((event) => (event.type === 'checkout.session.completed' ? [event.data.object] : []))
    .map(({ client_reference_id: reference, amount_total: amount }) => ({
      reference: reference!,
      amount: amount as Cents,
      currency: 'EUR' as Currency,
      status: 'completed' as const,
    }));
  const result = await services.financial.reconcile({ period: today(), provider });

  expect(result).toMatchObject({ matched: 3, unmatchedProvider: [], unmatchedDatabase: [], status: 'balanced' });
  expect(result.totals).toMatchObject([{ currency: 'EUR', provider: 29_400, database: 29_400, discrepancy: 0 }]);
  for (const { reference } of orders) {
    expect(await services.audit.missing(reference)).toEqual([]);
  }
});

test('a payment that only one side has is named', async ({ make, services }) => {
  const { transaction } = await make.purchase({
    transaction: { reference: 'ONLY-HERE' },
    ticket: { price: 100 as Cents },
  });
  const { amount, currency, status } = transaction;

  const {
    unmatchedProvider,
    unmatchedDatabase,
    status: outcome,
  } = await services.financial.reconcile({
    period: today(),
    provider: [{ reference: 'ONLY-THERE', amount, currency, status }],
  });

  expect(outcome).toBe('discrepant');
  expect(unmatchedProvider).toMatchObject([{ reference: 'ONLY-THERE' }]);
  expect(unmatchedDatabase).toMatchObject([{ reference: 'ONLY-HERE' }]);
});
