import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import { audit } from '../audit/service.ts';
import { newId, type SubjectId } from '../database/identifiers.ts';
import { database } from '../database/service.ts';
import { dataCategories, legalBases, type Decision, type ProcessingInput, type RequestInput } from './models.ts';
import { gdpr, gdprService, type GdprOptions } from './service.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const subjectId = newId<SubjectId>();
const good = {
  subjectId,
  category: 'contact_information',
  activity: 'registration',
  purpose: 'to send the ticket',
  legalBasis: 'contract',
  fields: ['email'],
  retention: 'P7Y',
} as const;

const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud800', ''), fc.integer());
const mostly = <Value>(usual: fc.Arbitrary<Value>): fc.Arbitrary<Value | string | number> =>
  fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: odd });
const text = mostly(fc.string({ unit: 'grapheme', minLength: 1 }));
const inputs = fc.record({
  subjectId: mostly(fc.uuid()),
  category: mostly(fc.constantFrom(...dataCategories)),
  activity: text,
  purpose: text,
  legalBasis: mostly(fc.constantFrom(...legalBases)),
  fields: fc.array(text, { minLength: 1, maxLength: 3 }),
  retention: mostly(fc.stringMatching(/^P\d{1,3}Y(\d{1,4}M)?(\d{1,6}D)?$/)),
  thirdParties: fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined }),
});

test.each([
  ['tables.0.table', { tables: [{ table: 'x; DROP TABLE y', erase: {} }] }],
  ['tables.0.table', { tables: [{ table: 'A', erase: {} }] }],
  ['tables.0.erase', { tables: [{ table: 'a' }] }],
  ['tables.0.erase', { tables: [{ table: 'a', erase: { 'b"': null } }] }],
  ['tables.0.retention.reason', { tables: [{ table: 'a', erase: {}, retention: { until: 'now()' } }] }],
  ['What was given', { table: [] }],
])('the service names what is wrong with its options: %s', (field, options) => {
  expect(() => gdprService(options as GdprOptions)).toThrow(
    expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining(field) }),
  );
});

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`what the GDPR service refuses on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, audit, gdpr]);

    const expectNothingWritten = async (): Promise<void> => {
      const rows = await leased.services.database.query(
        `SELECT (SELECT count(*)::int FROM processing_records) AS records, (SELECT count(*)::int FROM data_requests) AS requests`,
      );
      expect(rows).toEqual([{ records: 0, requests: 0 }]);
      expect(await leased.services.audit.verify()).toEqual({ valid: true, entries: 0 });
    };

    test.each([
      ['What was given', null],
      ['What was given', { ...good, unknown: 1 }],
      ['subjectId', { ...good, subjectId: 'ada' }],
      ['category', { ...good, category: 'shoe_size' }],
      ['activity', { ...good, activity: '' }],
      ['purpose', { ...good, purpose: 'a\0' }],
      ['activity', { ...good, activity: 'mail to ada@example.com' }],
      ['purpose', { ...good, purpose: 'to write to ada@example.com' }],
      ['fields.1', { ...good, fields: ['email', 'ada@example.com'] }],
      ['legalBasis', { ...good, legalBasis: 'because' }],
      ['legalBasis', { ...good, legalBasis: undefined }],
      ['fields', { ...good, fields: [] }],
      ['fields.0', { ...good, fields: [''] }],
      ['retention', { ...good, retention: '' }],
      ['retention', { ...good, retention: 'P' }],
      ['retention', { ...good, retention: 'P0Y' }],
      ['retention', { ...good, retention: 'P00Y0D' }],
      ['retention', { ...good, retention: '7 years' }],
      ['retention', { ...good, retention: 'P-7Y' }],
      ['retention', { ...good, retention: 'P9999Y' }],
      ['retention', { ...good, retention: 'P1D\n' }],
      ['retention', { ...good, retention: 7 }],
      ['thirdParties.0', { ...good, thirdParties: [7] }],
    ])('names the field of a record, and writes nothing: %s', async (field, input) => {
      await expect(leased.services.gdpr.record(input as ProcessingInput)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        service: 'gdpr',
        message: expect.stringContaining(field),
      });
      await expectNothingWritten();
    });

    test.each([
      ['What was given', undefined],
      ['type', { subjectId }],
      ['type', { subjectId, type: 'forget' }],
      ['subjectId', { subjectId: '', type: 'erasure' }],
      ['What was given', { subjectId, type: 'erasure', force: true }],
    ])('names the field of a request, and writes nothing: %s', async (field, input) => {
      await expect(leased.services.gdpr.request(input as RequestInput)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining(field),
      });
      await expectNothingWritten();
    });

    test('names what is wrong with the rest', async () => {
      const { gdpr: service } = leased.services;
      const invalid = { code: 'MAYFLY_INPUT_INVALID' };

      await expect(service.records('ada' as SubjectId)).rejects.toMatchObject(invalid);
      await expect(service.requests('ada' as SubjectId)).rejects.toMatchObject(invalid);
      await expect(service.resolve('1', { outcome: 'completed' })).rejects.toMatchObject(invalid);
      await expect(service.resolve(newId(), { outcome: 'lost' } as unknown as Decision)).rejects.toMatchObject(invalid);
      await expect(service.resolve(newId(), undefined as unknown as Decision)).rejects.toMatchObject(invalid);
    });

    test('is refused whole, or written as it was given', async () => {
      const { gdpr: service, audit: log } = leased.services;
      const seen = { written: 0, MAYFLY_INPUT_INVALID: 0 };
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const outcome: unknown = await service
            .record(input as unknown as ProcessingInput)
            .catch((error: unknown) => error);
          const name = isMayflyError(outcome) ? outcome.code : 'written';
          expect(seen).toHaveProperty(name);
          seen[name as keyof typeof seen] += 1;
          const given = { ...input, thirdParties: input.thirdParties ?? [] };
          expect(outcome).toMatchObject(name === 'written' ? given : {});
        }),
        { numRuns: 300 },
      );

      expect(seen.written).toBeGreaterThan(10);
      expect(seen.MAYFLY_INPUT_INVALID).toBeGreaterThan(10);
      expect(await log.verify()).toEqual({ valid: true, entries: seen.written });
    });

    test('is a table that is not there', async () => {
      const lost = gdprService({ tables: [{ table: 'nowhere', erase: {} }] });
      await using environment = await startEnvironment(
        { redis: false, services: [database, audit, lost] },
        { runtime },
      );

      await expect(environment.lease()).rejects.toThrow('There is no table nowhere');
    });
  });
}
