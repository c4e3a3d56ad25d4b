import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import { database } from '../database/service.ts';
import { auditTypes, severities, type AuditInput, type AuditQuery } from './models.ts';
import { auditService } from './service.ts';
import type { FillOptions } from './trail.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const good = { type: 'payment', action: 'payment_captured' } as const;
const noTime = new Date(Number.NaN);

const badEvents: readonly (readonly [field: string, event: unknown])[] = [
  ['What was given', undefined],
  ['What was given', null],
  ['What was given', 'payment_captured'],
  ['What was given', { ...good, unknown: 1 }],
  ['type', { action: 'payment_captured' }],
  ['type', { ...good, type: 'other' }],
  ['action', { type: 'payment' }],
  ['action', { ...good, action: '' }],
  ['action', { ...good, action: 'Payment captured' }],
  ['action', { ...good, action: 'a'.repeat(101) }],
  ['action', { ...good, action: 'payment_captured\n' }],
  ['reference', { ...good, reference: '' }],
  ['reference', { ...good, reference: 'a\0b' }],
  ['reference', { ...good, reference: '\ud800' }],
  ['reference', { ...good, reference: 'a'.repeat(256) }],
  ['reference', { ...good, reference: null }],
  ['subjectId', { ...good, subjectId: 'ada' }],
  ['actor', { ...good, actor: 'ada@example.com' }],
  ['reference', { ...good, reference: 'order of ada@example.com' }],
  ['requestId', { ...good, requestId: 'ada@example.com' }],
  ['correlationId', { ...good, correlationId: 'ada@example.com' }],
  ['fields.0', { ...good, fields: ['ada@example.com'] }],
  ['data', { ...good, data: JSON.parse('{"__proto__": 0}') as unknown }],
  ['fields.1', { ...good, fields: ['email', ''] }],
  ['fields', { ...good, fields: 'email' }],
  ['fields', { ...good, fields: Array.from({ length: 101 }, () => 'email') }],
  ['`data.email` is not valid: it names personal data', { ...good, data: { email: 'x' } }],
  ['data.holderName', { ...good, data: { holderName: 'x' } }],
  ['data.phone', { ...good, data: { phone: '' } }],
  ['data.contact', { ...good, data: { contact: 'ada@example.com' } }],
  ['data.amount', { ...good, data: { amount: Number.NaN } }],
  ['data.amount', { ...good, data: { amount: 1n } }],
  ['`data.nested` is not valid: expected text, a number, true, false or null', { ...good, data: { nested: {} } }],
  ['data.text', { ...good, data: { text: 'a'.repeat(1_001) } }],
  ['data.text', { ...good, data: { text: '\udc00' } }],
  ['data', { ...good, data: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 1])) }],
  ['`at` is not valid: expected a time', { ...good, at: noTime }],
  ['at', { ...good, at: '2026-01-01' }],
  ['at', { ...good, at: new Date(-1) }],
  ['at', { ...good, at: new Date(8.64e15) }],
  ['requestId', { ...good, requestId: '' }],
  ['severity', { ...good, severity: 'fatal' }],
  ['correlationId', { ...good, correlationId: 5 }],
];

const badQueries: readonly (readonly [field: string, query: unknown])[] = [
  ['What was given', { unknown: 1 }],
  ['type', { type: 'other' }],
  ['action', { action: '%' }],
  ['severity', { severity: '' }],
  ['reference', { reference: '\0' }],
  ['subjectId', { subjectId: '1' }],
  ['from', { from: noTime }],
  ['until', { until: 5 }],
  ['limit', { limit: 0 }],
  ['limit', { limit: 1_001 }],
  ['limit', { limit: 1.5 }],
  ['after', { after: -1 }],
  ['after', { after: '1; DROP TABLE audit.entries' }],
];

const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', '\ud800', '', 'a@b.c'),
  fc.anything({ withBigInt: true }).filter((value) => value !== undefined),
);
const mostly = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 25, arbitrary: usual }, { weight: 1, arbitrary: odd });
const text = mostly(fc.string({ unit: 'grapheme', minLength: 1 }));
const fact = mostly(
  fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
);
const events = fc.record(
  {
    type: mostly(fc.constantFrom(...auditTypes)),
    action: mostly(fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/)),
    reference: text,
    subjectId: mostly(fc.uuid()),
    actor: text,
    fields: mostly(fc.array(text, { maxLength: 3 })),
    data: mostly(fc.dictionary(fc.string({ minLength: 1 }), fact, { maxKeys: 3, noNullPrototype: true })),
    at: mostly(fc.date({ min: new Date(0), max: new Date('2999-01-01'), noInvalidDate: true })),
    requestId: text,
    severity: mostly(fc.constantFrom(...severities)),
    correlationId: text,
  },
  { requiredKeys: ['type', 'action'] },
);

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`what the audit log refuses on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, auditService({ syntheticEntries: true })]);

    test.each(badEvents)('names the field of an event, and writes nothing: %s', async (field, event) => {
      const { audit: log } = leased.services;

      await expect(log.record(event as AuditInput)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        service: 'audit',
        message: expect.stringContaining(field),
      });
      expect(await log.verify()).toEqual({ valid: true, entries: 0 });
    });

    test.each(badQueries)('names the field of a query: %s', async (field, query) => {
      await expect(leased.services.audit.find(query as AuditQuery)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining(field),
      });
    });

    test.each([
      ['reference', '', { reason: 'r' }],
      ['reference', '\0', { reason: 'r' }],
      ['reference', 7, { reason: 'r' }],
      ['reason', 'a', {}],
      ['reason', 'a', { reason: '' }],
      ['reason', 'a', { reason: 'asked for by ada@example.com' }],
      ['What was given', 'a', undefined],
      ['What was given', 'a', { reason: 'r', force: true }],
    ])('names what is wrong with a trail: %s of %j', async (field, reference, options) => {
      const { audit: log } = leased.services;
      await log.record({ ...good, reference: 'a' });

      await expect(log.fill(reference as string, options as FillOptions)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining(field),
      });
      expect(await log.verify()).toEqual({ valid: true, entries: 1 });
    });

    // An entry that nobody can read could never be taken away again.
    test.each([
      ['at', `'infinity'`],
      ['at', `'10000-01-01Z'`],
      ['fields', `ARRAY['email', NULL]`],
      ['data', `'{"order": {"lines": 7}}'`],
      ['data', `'{"order": [7]}'`],
    ])('is refused by the table as well: %s = %s', async (column, value) => {
      const entry = { type: `'system'`, action: `'noted'`, severity: `'info'`, request_id: `'r'`, at: 'now()' };
      const row = { ...entry, [column]: value };

      const written = leased.services.database.query(
        `INSERT INTO audit.entries (${Object.keys(row).join()}) VALUES (${Object.values(row).join()})`,
      );

      await expect(written).rejects.toThrow(`entries_${column}_check`);
    });

    test('is refused whole, or written as it was given', async () => {
      const { audit: log } = leased.services;
      const seen = { written: 0, MAYFLY_INPUT_INVALID: 0 };
      await fc.assert(
        fc.asyncProperty(events, async (event) => {
          const outcome: unknown = await log.record(event as AuditInput).catch((error: unknown) => error);
          const name = isMayflyError(outcome) ? outcome.code : 'written';
          expect(seen).toHaveProperty(name);
          seen[name as keyof typeof seen] += 1;
          // JSON, and so Postgres, has one zero.
          const given = name === 'written' ? positiveZero(event) : {};
          expect(outcome).toMatchObject(given);
        }),
        { numRuns: 400 },
      );

      expect(seen.written).toBeGreaterThan(20);
      expect(seen.MAYFLY_INPUT_INVALID).toBeGreaterThan(20);
      expect(await log.verify()).toEqual({ valid: true, entries: seen.written });
    });
  });
}

function positiveZero(event: object): object {
  const { data } = event as AuditInput;
  const facts = Object.entries(data ?? {}).map(([key, value]) => [key, Object.is(value, -0) ? 0 : value] as const);
  return data === undefined ? event : { ...event, data: Object.fromEntries(facts) };
}
