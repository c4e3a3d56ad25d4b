import { afterAll, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type SubjectId } from '../database/identifiers.ts';
import { database } from '../database/service.ts';
import type { AuditInput, AuditQuery } from './models.ts';
import { audit } from './service.ts';

const state = useOwnState();
const zeros = '0'.repeat(64);

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the audit log on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, audit]);

    test('writes what it is told, and gives it back', async () => {
      const { audit: log } = leased.services;
      const event = {
        type: 'security',
        action: 'admin_access_granted',
        reference: 'ref-1',
        subjectId: newId<SubjectId>(),
        actor: 'account-7',
        fields: ['email', 'odd "column", {with} \\ marks'],
        data: { attempts: 3, ratio: 0.1, ok: true, reason: 'because "so"', nothing: null, empty: '' },
        at: new Date('2026-02-28T23:59:59.999Z'),
        requestId: 'request-1',
        severity: 'warning',
        correlationId: 'correlation-1',
      } as const satisfies AuditInput;

      const entry = await log.record(event);

      expect(entry).toMatchObject({ ...event, sequence: 1, syntheticReason: null, previous: zeros });
      expect(entry.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(await log.find()).toEqual({ entries: [entry], next: null });
      expect(await log.verify()).toEqual({ valid: true, entries: 1 });
    });

    test('fills in what is missing', async () => {
      const { audit: log } = leased.services;
      const before = Date.now();

      const entry = await log.record({ type: 'payment', action: 'payment_captured', reference: 'ref-1' });

      expect(entry).toMatchObject({ severity: 'info', correlationId: 'ref-1', fields: [], data: {}, actor: null });
      expect(entry.requestId).toMatch(/^[0-9a-f-]{36}$/);
      expect(entry.at.getTime()).toBeGreaterThanOrEqual(before);
      expect(await log.record({ type: 'system', action: 'restarted' })).toMatchObject({ correlationId: null });
    });

    test.each([
      ['payment_failed', 'critical'],
      ['security_breach', 'critical'],
      ['gdpr_violation', 'critical'],
      ['payment_retry', 'warning'],
      ['rate_limit_exceeded', 'warning'],
      ['session_expired', 'warning'],
      ['payment_captured', 'info'],
    ])('takes %s to be %s', async (action, severity) => {
      expect(await leased.services.audit.record({ type: 'system', action })).toMatchObject({ severity });
    });

    test('writes what interceptors make of an event, within transactions too, and nothing when one throws', async () => {
      const { audit: log, database: db } = leased.services;
      log.intercept('payment_*', async (event) => ({ ...event, action: 'payment_failed' }));
      const remove = log.intercept(/failed$/, () => {
        throw new Error('no');
      });

      const refused = db.transaction((tx) => log.within(tx).record({ type: 'payment', action: 'payment_captured' }));
      await expect(refused).rejects.toThrow('no');
      remove();
      await db.transaction((tx) => log.within(tx).record({ type: 'payment', action: 'payment_captured' }));

      expect((await log.find()).entries).toMatchObject([
        { sequence: 1, action: 'payment_failed', severity: 'critical' },
      ]);
    });

    test('writes many together in the order in which they are given, as it writes one', async () => {
      const { audit: log, database: db } = leased.services;
      log.intercept('counted', (event) => ({ ...event, actor: 'counter' }));
      const event = (count: number): AuditInput => ({
        type: 'payment',
        action: count % 2 === 0 ? 'counted' : 'payment_failed',
        ...(count % 3 === 0 && { reference: `ref-${count}`, subjectId: newId<SubjectId>() }),
        fields: count % 5 === 0 ? ['amount', 'odd "column", {with} \\ marks'] : [],
        data: { count, ...(count % 7 === 0 && { reason: `it's "so"`, nothing: null }) },
        at: new Date(Date.UTC(2026, 0, 1, 0, 0, count)),
      });
      // One statement takes a thousand.
      const events = Array.from({ length: 2_003 }, (_, count) => event(count));
      const one = await log.record(event(6));

      expect(await log.recordAll([])).toEqual([]);
      const entries = await db.transaction((tx) => log.within(tx).recordAll(events));

      expect(entries.map(({ sequence }) => sequence)).toEqual(events.map((_, place) => place + 2));
      expect(entries.map(({ data }) => data)).toEqual(events.map(({ data }) => data));
      expect(entries[0]?.previous).toBe(one.hash);
      expect(entries[6]).toMatchObject({ ...events[6], actor: 'counter', severity: 'info', correlationId: 'ref-6' });
      expect(entries[7]).toMatchObject({ ...events[7], actor: null, severity: 'critical', reference: null });
      expect(entries[10]?.fields).toEqual(events[10]?.fields);
      expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(2_003);
      expect((await log.find({ after: 1, limit: 1_000 })).entries).toEqual(entries.slice(0, 1_000));
      expect(await log.verify()).toEqual({ valid: true, entries: 2_004 });
    });

    test('writes none of many where one is not valid, an interceptor throws, or the database refuses', async () => {
      const { audit: log, database: db } = leased.services;
      const good = { type: 'payment', action: 'payment_captured' } as const;
      const bad = { ...good, data: { email: 'x' } };
      log.intercept('payment_failed', () => {
        throw new Error('no');
      });

      await expect(log.recordAll([good, good, bad])).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining('`2.data.email`'),
      });
      await expect(log.recordAll([good, { ...good, action: 'payment_failed' }])).rejects.toThrow('no');
      await db.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.sequence > 1200 THEN RAISE 'enough'; END IF; RETURN NEW; END $$`);
      await leased.tamper(
        'CREATE TRIGGER refuse_late BEFORE INSERT ON audit.entries FOR EACH ROW EXECUTE FUNCTION refuse()',
      );
      await expect(log.recordAll(Array.from({ length: 1_300 }, () => good))).rejects.toThrow('enough');

      expect(await log.find()).toEqual({ entries: [], next: null });
      expect(await log.verify()).toEqual({ valid: true, entries: 0 });
    });

    test('finds entries by each field, and by all of them', async () => {
      const { audit: log } = leased.services;
      const subjectId = newId<SubjectId>();
      const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
      await log.record({ type: 'payment', action: 'payment_captured', reference: 'a', at: at(1) });
      await log.record({ type: 'payment', action: 'payment_failed', reference: 'a', at: at(2), subjectId });
      await log.record({ type: 'gdpr', action: 'gdpr_data_processed', at: at(3), subjectId });
      await log.record({ type: 'ticket', action: 'ticket_created', reference: 'b', at: at(4) });
      const found = async (query: AuditQuery): Promise<number[]> =>
        (await log.find(query)).entries.map(({ sequence }) => sequence);

      expect(await found({ type: 'payment' })).toEqual([1, 2]);
      expect(await found({ action: 'ticket_created' })).toEqual([4]);
      expect(await found({ severity: 'critical' })).toEqual([2]);
      expect(await found({ reference: 'a' })).toEqual([1, 2]);
      expect(await found({ subjectId })).toEqual([2, 3]);
      expect(await found({ from: at(2), until: at(4) })).toEqual([2, 3]);
      expect(await found({ type: 'payment', subjectId, from: at(2), reference: 'a', limit: 5 })).toEqual([2]);
      expect(await found({ reference: `a' OR true --` })).toEqual([]);
    });

    test('gives pages that together are everything, whatever is written meanwhile', async () => {
      const { audit: log } = leased.services;
      for (let count = 0; count < 7; count += 1) {
        await log.record({ type: 'system', action: 'counted', data: { count } });
      }

      const first = await log.find({ limit: 3 });
      await log.record({ type: 'system', action: 'counted', data: { count: 7 } });
      const second = await log.find({ limit: 3, after: first.next ?? 0 });
      const third = await log.find({ limit: 2, after: second.next ?? 0 });

      const counts = [first, second, third].flatMap(({ entries }) => entries.map(({ data }) => data['count']));
      expect(counts).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(third.next).toBeNull();
      expect(await log.find({ after: 100 })).toEqual({ entries: [], next: null });
    });

    test('takes back what was written in a transaction that failed, and leaves no gap', async () => {
      const { audit: log, database: db } = leased.services;
      const failed = db.transaction(async (tx) => {
        await log.within(tx).record({ type: 'system', action: 'lost' });
        throw new Error('no');
      });

      await expect(failed).rejects.toThrow('no');
      expect(await log.record({ type: 'system', action: 'kept' })).toMatchObject({ sequence: 1, previous: zeros });
    });
  });
}
