import { afterAll, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { seedPeople } from '../../../fixtures/services/people.ts';
import { audit } from '../audit/service.ts';
import { newId, type SubjectId } from '../database/identifiers.ts';
import { database } from '../database/service.ts';
import type { ProcessingInput } from './models.ts';
import { gdpr } from './service.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const processing = {
  subjectId: newId<SubjectId>(),
  category: 'contact_information',
  activity: 'registration',
  purpose: 'to send the ticket',
  legalBasis: 'contract',
  fields: ['email', 'name'],
  retention: 'P2Y6M',
  thirdParties: ['the mail provider'],
} as const satisfies ProcessingInput;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the GDPR service on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, audit, gdpr]);

    test('records what is done with data, and audits the columns of it', async () => {
      const { gdpr: service, audit: log } = leased.services;

      const record = await service.record(processing);

      expect(record).toMatchObject(processing);
      expect(record.retainedUntil.getTime()).toBeGreaterThan(Date.now());
      expect(await service.records(processing.subjectId)).toEqual([record]);
      expect((await log.find()).entries).toMatchObject([
        {
          type: 'gdpr',
          action: 'gdpr_data_processed',
          subjectId: processing.subjectId,
          fields: ['email', 'name'],
          data: { record: record.id, category: 'contact_information', legalBasis: 'contract' },
        },
      ]);
    });

    test('writes no record whose audit entry is not written', async () => {
      const { gdpr: service, audit: log } = leased.services;
      log.intercept('gdpr_*', () => {
        throw new Error('no');
      });

      await expect(service.record(processing)).rejects.toThrow('no');
      expect(await service.records(processing.subjectId)).toEqual([]);
    });

    test.each(['access', 'portability'] as const)('answers a request for %s with all that is held', async (type) => {
      const { gdpr: service, database: db, audit: log } = leased.services;
      const { ada } = await seedPeople(db);
      await service.record({ ...processing, subjectId: ada, purpose: 'quotes ", commas and\nlines' });

      const answer = await service.request({ type, subjectId: ada });

      expect(answer).toMatchObject({ type, status: 'completed', subjectId: ada, erased: [], retained: [] });
      const { tables, json, csv } = answer.export;
      expect(Object.keys(tables)).toEqual(['transactions', 'registrations', 'processing_records', 'data_requests']);
      expect(tables).toMatchObject({
        transactions: [
          { reference: 'ada-completed', amount: 2_500, email: 'ada@example.com' },
          { reference: 'ada-failed' },
          { reference: 'ada-long-ago' },
        ],
        registrations: [{ name: 'Ada, "Countess"', email: 'ada@example.com', dietary_restrictions: null }],
        processing_records: [{ fields: ['email', 'name'] }],
        data_requests: [],
      });
      expect(JSON.parse(json)).toMatchObject({ subjectId: ada, tables });
      expect(json).not.toContain('grace');
      expect(csv['transactions']?.split('\r\n')).toHaveLength(5);
      expect(csv['registrations']).toMatch(
        /^id,ticket_id,subject_id,name,email,dietary_restrictions,registered_at\r\n/,
      );
      expect(csv['registrations']).toContain('"Ada, ""Countess""",ada@example.com,,');
      expect(csv['data_requests']).toBe('');
      expect((await log.find({ action: `gdpr_${type}_requested` })).entries).toMatchObject([
        { subjectId: ada, data: { request: answer.id, status: 'completed' } },
      ]);
      expect((await service.request({ type, subjectId: ada })).export.tables['data_requests']).toMatchObject([
        { id: answer.id, type },
      ]);
    });

    test('says that nothing is held of somebody unknown', async () => {
      const answer = await leased.services.gdpr.request({ type: 'access', subjectId: newId<SubjectId>() });

      expect(Object.values(answer.export.tables)).toEqual([[], [], [], []]);
    });

    test.each(['rectification', 'restriction', 'objection'] as const)('leaves %s to a person', async (type) => {
      const { gdpr: service, audit: log } = leased.services;

      const request = await service.request({ type, subjectId: processing.subjectId });
      expect(request).toMatchObject({ type, status: 'manual_review', completedAt: null });
      const resolved = await service.resolve(request.id, { outcome: 'rejected' });

      expect(resolved).toMatchObject({ id: request.id, status: 'rejected', completedAt: expect.any(Date) });
      expect(await service.requests(processing.subjectId)).toEqual([resolved]);
      expect((await log.find()).entries).toMatchObject([
        { action: `gdpr_${type}_requested`, data: { request: request.id, status: 'manual_review' } },
        { action: 'gdpr_request_resolved', data: { request: request.id, status: 'rejected' } },
      ]);
    });

    test('resolves a request once, whoever does it at the same time', async () => {
      const { gdpr: service, audit: log } = leased.services;
      const { id } = await service.request({ type: 'objection', subjectId: processing.subjectId });

      const outcomes = await Promise.allSettled(
        (['completed', 'rejected', 'completed'] as const).map((outcome) => service.resolve(id, { outcome })),
      );

      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
      expect(refused).toMatchObject([{ code: 'MAYFLY_STATE_REFUSED' }, { code: 'MAYFLY_STATE_REFUSED' }]);
      expect((await log.find({ action: 'gdpr_request_resolved' })).entries).toHaveLength(1);
    });

    test('resolves nothing that was carried out, or that is not there', async () => {
      const { gdpr: service } = leased.services;
      const { id } = await service.request({ type: 'access', subjectId: processing.subjectId });

      await expect(service.resolve(id, { outcome: 'rejected' })).rejects.toMatchObject({
        code: 'MAYFLY_STATE_REFUSED',
      });
      await expect(service.resolve(newId(), { outcome: 'rejected' })).rejects.toMatchObject({
        code: 'MAYFLY_RECORD_NOT_FOUND',
      });
    });

    test('goes along with the transaction that it is within', async () => {
      const { gdpr: service, audit: log, database: db } = leased.services;
      const failed = db.transaction(async (tx) => {
        await service.within(tx).record(processing);
        await service.within(tx).request({ type: 'objection', subjectId: processing.subjectId });
        throw new Error('no');
      });

      await expect(failed).rejects.toThrow('no');
      expect(await service.records(processing.subjectId)).toEqual([]);
      expect(await service.requests(processing.subjectId)).toEqual([]);
      expect(await log.verify()).toEqual({ valid: true, entries: 0 });
    });
  });
}
