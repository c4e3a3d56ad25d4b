import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type SubjectId } from '../database/identifiers.ts';
import { database } from '../database/service.ts';
import { entryColumns } from './models.ts';
import { audit } from './service.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** Another value of each column. */
const tampered = {
  type: `'system'`,
  action: `'payment_refunded'`,
  severity: `'critical'`,
  reference: `'other'`,
  subject_id: 'NULL',
  actor: `'other'`,
  fields: `'{}'`,
  data: `'{}'`,
  request_id: `'other'`,
  correlation_id: 'NULL',
  synthetic_reason: `'other'`,
  at: `at + interval '1 microsecond'`,
  recorded_at: `recorded_at - interval '1 microsecond'`,
  previous: 'sha256(previous)',
  hash: 'sha256(hash)',
};

/** Makes the hash of entry `$sequence` anew, as somebody would who knows how. */
const rehash = (sequence: number): string =>
  `UPDATE audit.entries e SET hash = audit.digest(e) WHERE sequence = ${sequence};`;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the chain on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database, audit]);

    const write = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 1) {
        await leased.services.audit.record({
          type: 'payment',
          action: 'payment_captured',
          reference: 'ref-1',
          subjectId: newId<SubjectId>(),
          fields: ['amount'],
          data: { done },
        });
      }
    };

    beforeEach(() => write(5));

    test.each([
      'UPDATE audit.entries SET actor = NULL WHERE false',
      'DELETE FROM audit.entries',
      'TRUNCATE audit.entries',
      'MERGE INTO audit.entries e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE',
      `INSERT INTO audit.entries SELECT * FROM audit.entries ON CONFLICT (sequence) DO UPDATE SET actor = 'x'`,
      'UPDATE audit.chain SET sequence = 0',
      'DELETE FROM audit.chain',
      'INSERT INTO audit.chain VALUES (false, 0)',
      'ALTER TABLE audit.entries DISABLE TRIGGER ALL',
      'ALTER TABLE audit.entries OWNER TO CURRENT_USER',
      'DROP TABLE audit.entries',
      'DROP SCHEMA audit CASCADE',
      'CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$',
      'SET session_replication_role = replica',
    ])('refuses: %s', async (statement) => {
      await expect(leased.lease.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
      expect(await leased.services.audit.verify()).toEqual({ valid: true, entries: 5 });
    });

    test.each([
      'UPDATE audit.entries SET actor = NULL WHERE false',
      'DELETE FROM audit.entries',
      'TRUNCATE audit.entries',
      'UPDATE audit.chain SET sequence = 0',
      'DELETE FROM audit.chain',
      'TRUNCATE audit.chain',
    ])('refuses even a superuser: %s', async (statement) => {
      const tried = leased.tamper(`SET session_replication_role = origin; ${statement}`);
      await expect(tried).rejects.toThrow('the audit log is append-only');
    });

    test('takes no numbers and hashes from writers', async () => {
      await leased.lease.pool.query(
        `INSERT INTO audit.entries SELECT 77, type, action, severity, reference, subject_id, actor, fields, data, request_id,
           correlation_id, synthetic_reason, at, '-infinity', sha256('x'), sha256('y') FROM audit.entries`,
      );

      expect(await leased.services.audit.verify()).toEqual({ valid: true, entries: 10 });
    });

    test('is checked on every column', async () => {
      const { rows } = await leased.lease.pool.query<{ name: string }>(
        `SELECT column_name AS name FROM information_schema.columns
          WHERE table_schema = 'audit' AND table_name = 'entries' AND column_name <> 'sequence'`,
      );

      expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(tampered).sort());
    });

    test.each(Object.entries(tampered))('shows that %s was changed', async (column, value) => {
      await leased.tamper(`UPDATE audit.entries SET ${column} = ${value} WHERE sequence = 3`);

      expect(await leased.services.audit.verify()).toEqual({ valid: false, sequence: 3, reason: 'changed' });
    });

    test.each([
      ['the first is gone', 'DELETE FROM audit.entries WHERE sequence = 1', 1, 'missing'],
      ['some are gone', 'DELETE FROM audit.entries WHERE sequence IN (3, 4)', 3, 'missing'],
      ['the last is gone', 'DELETE FROM audit.entries WHERE sequence = 5', 5, 'truncated'],
      ['all are gone', 'TRUNCATE audit.entries', 1, 'truncated'],
      ['all are gone, and the head', 'TRUNCATE audit.entries; TRUNCATE audit.chain', 1, 'truncated'],
      ['the head is gone', 'TRUNCATE audit.chain', 1, 'added'],
      ['the head is another', `UPDATE audit.chain SET hash = sha256(hash)`, 5, 'changed'],
      ['the head was put back', 'UPDATE audit.chain SET sequence = 3', 4, 'added'],
      [
        'two were exchanged',
        `UPDATE audit.entries SET sequence = 9 WHERE sequence = 2; UPDATE audit.entries SET sequence = 2 WHERE sequence = 3;
         UPDATE audit.entries SET sequence = 3 WHERE sequence = 9`,
        2,
        'reordered',
      ],
      [
        'two were exchanged, and hashed anew',
        `UPDATE audit.entries SET sequence = 9 WHERE sequence = 2; UPDATE audit.entries SET sequence = 2 WHERE sequence = 3;
         UPDATE audit.entries SET sequence = 3 WHERE sequence = 9; ${rehash(2)} ${rehash(3)}`,
        2,
        'changed',
      ],
      [
        'one was changed, and hashed anew',
        `UPDATE audit.entries SET actor = 'x' WHERE sequence = 3; ${rehash(3)}`,
        3,
        'changed',
      ],
      [
        'the last was changed, and hashed anew',
        `UPDATE audit.entries SET actor = 'x' WHERE sequence = 5; ${rehash(5)}`,
        5,
        'changed',
      ],
      [
        'one is gone, and those behind it were moved up',
        `DELETE FROM audit.entries WHERE sequence = 3; UPDATE audit.entries SET sequence = 3 WHERE sequence = 4;
         UPDATE audit.entries SET sequence = 4 WHERE sequence = 5`,
        3,
        'changed',
      ],
      ['two are broken', `UPDATE audit.entries SET actor = 'x' WHERE sequence IN (2, 4)`, 2, 'changed'],
      [
        'there is one too many',
        `INSERT INTO audit.entries SELECT 6, type, action, severity, reference, subject_id, actor, fields, data, request_id,
           correlation_id, synthetic_reason, at, recorded_at, hash, hash FROM audit.entries WHERE sequence = 5; ${rehash(6)}`,
        6,
        'added',
      ],
    ])('shows that %s', async (_, statements, sequence, reason) => {
      await leased.tamper(statements);

      expect(await leased.services.audit.verify()).toEqual({ valid: false, sequence, reason });
    });

    test('is one, whoever writes at the same time', async () => {
      const { audit: log, database: db } = leased.services;
      const writer = async (name: string): Promise<void> => {
        for (let round = 0; round < 20; round += 1) {
          await db
            .transaction(async (tx) => {
              await log.within(tx).record({ type: 'system', action: 'wrote', actor: name });
              if (round % 5 === 4) {
                throw new Error('given up');
              }
            })
            .catch(() => {});
        }
      };

      await Promise.all(['a', 'b', 'c', 'd'].map(writer));

      expect(await log.verify()).toEqual({ valid: true, entries: 5 + 4 * 16 });
      const all = await log.find({ limit: 1_000 });
      expect(all.entries.map(({ sequence }) => sequence)).toEqual(all.entries.map((_, index) => index + 1));
      const times = all.entries.map(({ recordedAt }) => recordedAt.getTime());
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    });

    test('is one, however many entries a statement writes', async () => {
      const { audit: log, database: db } = leased.services;
      const insert = `INSERT INTO audit.entries (type, action, severity, request_id, at)
        SELECT 'system', 'wrote', 'info', n::text, now() FROM generate_series(1, 20000) n`;
      await db.query(insert);
      await db.query(`${insert} WHERE false`);
      await db.query(`WITH first AS (${insert} WHERE n < 4 RETURNING 1) ${insert} WHERE n < 4`);

      expect(await log.verify()).toEqual({ valid: true, entries: 5 + 20_000 + 6 });
    });

    test.each([
      ['DELETE FROM audit.entries WHERE sequence >= 4', { sequence: 4, reason: 'missing' }],
      [`UPDATE audit.entries SET actor = 'x' WHERE sequence = 5; ${rehash(5)}`, { sequence: 5, reason: 'changed' }],
    ])('does not hide what was done when it goes on: %s', async (statements, broken) => {
      const { audit: log, database: db } = leased.services;
      await leased.tamper(statements);
      await db.query('INSERT INTO audit.entries SELECT * FROM audit.entries WHERE false');
      await write(2);

      expect(await log.verify()).toEqual({ valid: false, ...broken });
    });

    test('is whole whatever the settings of a session are', async () => {
      const { audit: log, database: db } = leased.services;
      const whole = { valid: true, entries: 6 };
      await db.transaction(async (tx) => {
        await tx.query(`SET LOCAL TimeZone = 'Asia/Kathmandu'; SET LOCAL DateStyle = 'SQL, DMY';
          SET LOCAL bytea_output = 'escape'; SET LOCAL IntervalStyle = 'sql_standard'; SET LOCAL search_path = pg_temp;
          INSERT INTO audit.entries (type, action, severity, request_id, at) VALUES ('system', 'wrote', 'info', 'r', now())`);
        expect(await log.within(tx).verify()).toEqual(whole);
      });

      expect(await log.verify()).toEqual(whole);
    });

    test('is not moved by functions that a writer puts in its way', async () => {
      const { pool } = leased.lease;
      await pool.query(`CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1';
        CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT '-infinity'::timestamptz$$`);
      const client = await pool.connect();
      try {
        await client.query('SET search_path = public, pg_catalog');
        await client.query(
          `INSERT INTO audit.entries (type, action, severity, request_id, at) VALUES ('system', 'wrote', 'info', 'r', now())`,
        );
        const { rows } = await client.query(`SELECT ${entryColumns} FROM audit.entries WHERE sequence = 6`);
        expect(rows).toMatchObject([{ recordedAt: expect.any(Date), hash: expect.stringMatching(/^.{64}$/) }]);
      } finally {
        client.release(true);
      }

      expect(await leased.services.audit.verify()).toEqual({ valid: true, entries: 6 });
    });
  });
}
