import { afterAll, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { seedPeople } from '../../../fixtures/services/people.ts';
import { defineService } from '../../service/define-service.ts';
import { audit } from '../audit/service.ts';
import { newId, type SubjectId } from '../database/identifiers.ts';
import { database } from '../database/service.ts';
import { gdprService } from './service.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** Tables of a user's own: one with a name that must be quoted, one whose people are not of the type `uuid`. */
const newsletter = defineService({
  name: 'newsletter',
  dependsOn: { database },
  inputs: [new URL(import.meta.url)],
  prepare: ({ database: db }) =>
    db.query(
      `CREATE SCHEMA crm; CREATE TABLE crm.user (person uuid, email text NOT NULL, visits int, "order" text, since date);
       CREATE TABLE crm.letter (author text, topic text)`,
    ),
  start: () => null,
});
const gdpr = gdprService({
  tables: [
    {
      table: 'crm.user',
      subject: 'person',
      erase: { email: 'erased', visits: 0, order: null },
      retention: { until: `since + interval '7 years'`, keeps: ['order'], reason: 'orders are kept' },
    },
    {
      table: 'crm.letter',
      subject: 'author',
      erase: { topic: null },
      retention: { until: `CASE topic WHEN 'contract' THEN now() + interval '7 years' END`, reason: 'so is business' },
    },
    { table: 'audit.entries', erase: {}, isProof: true },
  ],
});

const processing = {
  category: 'payment_information',
  activity: 'payment',
  purpose: 'accounts',
  fields: ['email'],
  retention: 'P7Y',
} as const;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`an erasure on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, audit, newsletter, gdpr]);

    /** Everything that the database holds but the audit log and the requests, as text. */
    const everything = async (): Promise<string> => {
      const tables = ['transactions', 'tickets', 'registrations', 'processing_records', 'crm.user'];
      const parts = tables.map((table) => `(SELECT json_agg(t ORDER BY t::text)::text FROM ${table} t)`);
      const [row] = await leased.services.database.query<{ all: string }>(`SELECT concat(${parts.join(', ')}) AS all`);
      return row?.all ?? '';
    };

    test('makes a person anonymous everywhere, and keeps and names what the law keeps', async () => {
      const { gdpr: service, database: db } = leased.services;
      const { ada, grace } = await seedPeople(db);
      await service.record({ ...processing, subjectId: ada, legalBasis: 'legal_obligation' });
      await service.record({ ...processing, subjectId: ada, legalBasis: 'consent' });
      await service.record({ ...processing, subjectId: grace, legalBasis: 'consent' });

      const request = await service.request({ type: 'erasure', subjectId: ada });

      expect(request).toMatchObject({
        status: 'partially_completed',
        erased: [
          { table: 'transactions', rows: 3, columns: ['email', 'subject_id'] },
          { table: 'registrations', rows: 1, columns: ['name', 'email', 'dietary_restrictions', 'subject_id'] },
          { table: 'processing_records', rows: 1, columns: ['subject_id'] },
        ],
        retained: [
          { table: 'transactions', rows: 1, columns: ['subject_id'], reason: expect.stringContaining('7 years') },
          { table: 'processing_records', rows: 1, columns: ['subject_id'] },
        ],
      });
      const [dates] = await db.query<{ payment: Date; record: Date }>(
        `SELECT (SELECT created_at FROM transactions WHERE reference = 'ada-completed') + interval '7 years' AS payment,
           (SELECT retained_until FROM processing_records WHERE legal_basis = 'legal_obligation') AS record`,
      );
      expect(request.retained.map(({ until }) => until)).toEqual([dates?.payment, dates?.record]);
      expect(await service.requests(ada)).toEqual([request]);
      const left = await everything();
      expect(left.match(/ada@|Ada,/g)).toBeNull();
      expect(left.match(new RegExp(ada, 'g'))).toHaveLength(2);
      expect(left.match(/grace@example\.com/g)).toHaveLength(4);
      expect(left.match(/Grace,/g)).toHaveLength(1);
      expect(left.match(new RegExp(grace, 'g'))).toHaveLength(5);
      const [payments] = await db.query(
        `SELECT count(*)::int, sum(amount)::int AS sum FROM transactions WHERE reference LIKE 'ada-%'`,
      );
      expect(payments).toEqual({ count: 3, sum: 7_500 });
    });

    test('is proved by the audit log, which still verifies and holds no value', async () => {
      const { gdpr: service, database: db, audit: log } = leased.services;
      const { ada } = await seedPeople(db);
      await service.record({ ...processing, subjectId: ada, legalBasis: 'consent' });
      await service.request({ type: 'erasure', subjectId: ada });

      expect(await log.verify()).toEqual({ valid: true, entries: 2 });
      const { entries } = await log.find({ action: 'gdpr_erasure_requested' });
      expect(entries).toMatchObject([
        { subjectId: ada, fields: expect.arrayContaining(['transactions.email', 'registrations.name']) },
      ]);
      const [held] = await db.query<{ all: string }>('SELECT json_agg(e)::text AS all FROM audit.entries e');
      expect(held?.all).not.toMatch(/@|countess/i);
    });

    test('goes through the tables of users, as they say', async () => {
      const { gdpr: service, database: db } = leased.services;
      const subjectId = newId<SubjectId>();
      await db.query(
        `INSERT INTO crm.user VALUES ($1, 'ada@example.com', 7, 'tea', now()), ($1, 'ada@example.com', 8, 'milk', now() - interval '9 years'),
           ($2, 'grace@example.com', 9, 'rum', now())`,
        [subjectId, newId<SubjectId>()],
      );

      expect(await service.request({ type: 'erasure', subjectId })).toMatchObject({
        status: 'partially_completed',
        erased: [{ table: 'crm.user', rows: 2, columns: ['email', 'visits', 'order', 'person'] }],
        retained: [{ table: 'crm.user', rows: 1, columns: ['person', 'order'], reason: 'orders are kept' }],
      });
      expect(await db.query('SELECT person, email, visits, "order" FROM crm.user ORDER BY "order"')).toMatchObject([
        { email: 'grace@example.com', visits: 9, order: 'rum' },
        { person: subjectId, email: 'erased', visits: 0, order: 'tea' },
        { person: null, email: 'erased', visits: 0, order: null },
      ]);
    });

    test('says what the law keeps by what was there before', async () => {
      const { gdpr: service, database: db } = leased.services;
      const subjectId = newId<SubjectId>();
      await db.query(`INSERT INTO crm.letter VALUES ($1, 'contract'), ($1, 'weather')`, [subjectId]);

      expect(await service.request({ type: 'erasure', subjectId })).toMatchObject({
        status: 'partially_completed',
        erased: [{ table: 'crm.letter', rows: 2, columns: ['topic', 'author'] }],
        retained: [{ table: 'crm.letter', rows: 1, columns: ['author'] }],
      });
      expect(await db.query('SELECT author, topic FROM crm.letter ORDER BY author')).toEqual([
        { author: subjectId, topic: null },
        { author: null, topic: null },
      ]);
    });

    test('comes after an export of all of it, of whatever type the column with the people is', async () => {
      const { gdpr: service, database: db } = leased.services;
      const subjectId = newId<SubjectId>();
      await db.query(`INSERT INTO crm.letter VALUES ($1, 'weather')`, [subjectId]);
      await service.record({ ...processing, subjectId, legalBasis: 'consent' });

      const { export: held } = await service.request({ type: 'access', subjectId });

      expect(held.tables['crm.letter']).toEqual([{ author: subjectId, topic: 'weather' }]);
      expect(held.csv['crm.letter']).toBe(`author,topic\r\n${subjectId},weather\r\n`);
      expect(held.tables['audit.entries']).toMatchObject([{ action: 'gdpr_data_processed', subject_id: subjectId }]);
      expect(JSON.parse(held.json)).toMatchObject({ subjectId, tables: held.tables });
    });

    test('is complete where the law keeps nothing', async () => {
      const { gdpr: service, database: db } = leased.services;
      const { ada } = await seedPeople(db);
      await db.query(
        `UPDATE transactions SET created_at = now() - interval '7 years' WHERE reference = 'ada-completed'`,
      );

      expect(await service.request({ type: 'erasure', subjectId: ada })).toMatchObject({
        status: 'completed',
        retained: [],
        completedAt: expect.any(Date),
      });
      expect(await everything()).not.toContain(ada);
      expect(await service.request({ type: 'erasure', subjectId: ada })).toMatchObject({
        status: 'completed',
        erased: [],
      });
    });

    test('is carried out whole or not at all', async () => {
      const { gdpr: service, database: db, audit: log } = leased.services;
      const { ada } = await seedPeople(db);
      const before = await everything();
      log.intercept('gdpr_erasure_*', () => {
        throw new Error('no');
      });

      await expect(service.request({ type: 'erasure', subjectId: ada })).rejects.toThrow('no');
      expect(await everything()).toBe(before);
      expect(await service.requests(ada)).toEqual([]);
    });

    test('can be asked for many times at once', async () => {
      const { gdpr: service, database: db, audit: log } = leased.services;
      const { ada, grace } = await seedPeople(db);

      const requests = await Promise.all(
        [ada, grace, ada, grace, ada, grace, ada].map((subjectId) => service.request({ type: 'erasure', subjectId })),
      );

      const rows = requests.map(({ erased }) => erased.find(({ table }) => table === 'registrations')?.rows ?? 0);
      expect(rows.filter((count) => count === 1)).toHaveLength(2);
      expect(await everything()).not.toMatch(/@|Countess/);
      expect(await log.verify()).toEqual({ valid: true, entries: 7 });
    });
  });
}
