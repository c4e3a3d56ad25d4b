import { describe, expect, test } from 'vitest';
import { financialEventModel } from './models.ts';
import { reconciliationRecordModel } from './reconciliation.ts';

const period = { from: new Date(1), to: new Date(2) };
const total = { currency: 'EUR', provider: 500, database: 300, discrepancy: 200 };

describe('a financial event', () => {
  test('needs an action and a transaction reference, and has defaults for the rest', () => {
    expect(financialEventModel.parse({ reference: 'T-1', action: 'noted', after: 'pending', amount: 0 })).toMatchObject(
      {
        id: expect.any(String),
        eventId: null,
        before: null,
        at: expect.any(Date),
      },
    );
  });

  test.each(['action', 'reference'])('is refused without its %s', (field) => {
    const event = { reference: 'T-1', action: 'noted', after: 'pending', amount: 0, [field]: undefined };
    expect(financialEventModel.safeParse(event).error?.issues).toMatchObject([{ path: [field] }]);
  });
});

describe('a reconciliation record', () => {
  test('needs a period, and has defaults for the rest', () => {
    expect(reconciliationRecordModel.parse({ period })).toMatchObject({
      tenantId: null,
      matched: 0,
      mismatched: 0,
      totals: [],
      status: 'balanced',
    });
    expect(reconciliationRecordModel.safeParse({}).error?.issues).toMatchObject([{ path: ['period'] }]);
  });

  test.each([199, 200, 201])('may be out by a cent: %i of 200', (discrepancy) => {
    const record = { period, totals: [{ ...total, discrepancy }] };
    expect(reconciliationRecordModel.safeParse(record).success).toBe(true);
  });

  test.each([198, 202, -200])('may not be out by more: %i of 200', (discrepancy) => {
    const { error } = reconciliationRecordModel.safeParse({ period, totals: [{ ...total, discrepancy }] });
    expect(error?.issues).toMatchObject([{ path: ['totals', 0, 'discrepancy'] }]);
  });

  test('is discrepant where anything is', () => {
    for (const field of ['unmatchedProvider', 'unmatchedDatabase', 'mismatched']) {
      expect(reconciliationRecordModel.parse({ period, [field]: 1 })).toMatchObject({ status: 'discrepant' });
    }
  });
});
