import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { runSql } from '../../fixtures/isolation/lease-source.ts';
import type { Span } from '../coordinator/timeline.ts';
import type { Environment } from '../environment/environment.ts';
import { startEnvironment } from '../environment/start-environment.ts';
import { defineService } from '../service/define-service.ts';
import { testkit } from '../testkit/data/testkit.ts';
import { audit } from './audit/service.ts';
import { consistency } from './consistency/consistency.ts';
import { database } from './database/service.ts';
import { financial } from './financial/service.ts';
import { gdpr } from './gdpr/service.ts';
import { health } from './health/health.ts';
import { stripe } from './stripe/service.ts';
import { suiteNames, tablesOf } from './tables.ts';
import { wallet } from './wallet/service.ts';

const state = useOwnState();
// In the order that is the least of use.
const services = [stripe, wallet, financial, gdpr, audit, database] as const;
const definition = { redis: false, services } as const;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the six services on ${runtime}`, () => {
    let environment: Environment<typeof definition>;

    beforeAll(async () => {
      environment = await startEnvironment(definition, { runtime });
    });

    afterAll(() => environment.stop());

    /** The spans of this work, in the order in which they ended. */
    const spansOf = async (phase: Span['phase'], work: () => Promise<unknown>): Promise<string[]> => {
      const before = environment.timeline.length;
      await work();
      const spans = environment.timeline.slice(before).filter((span) => span.phase === phase);
      return spans.map(({ service }) => service).filter((name) => (suiteNames as readonly string[]).includes(name));
    };
    /** What each service must come after. */
    const needs = Object.fromEntries(
      services.map(({ name, dependsOn }) => [name, Object.values(dependsOn).map((needed) => needed.name)]),
    );

    test('depend on each other as they should', () => {
      expect(needs).toEqual({
        database: ['postgres'],
        audit: ['database'],
        gdpr: ['database', 'audit'],
        financial: ['database', 'audit'],
        wallet: ['database', 'audit'],
        stripe: ['database', 'audit', 'financial'],
      });
    });

    test('start in that order on every lease, each once, and stop in reverse', async () => {
      const lease = await environment.lease();
      const started = await spansOf('start', async () => (await environment.lease()).release());
      const stopped = await spansOf('stop', () => lease.release());

      expect(started.toSorted()).toEqual(suiteNames.toSorted());
      expect(stopped.toSorted()).toEqual(suiteNames.toSorted());
      const tooEarly = (order: readonly string[]): unknown[] =>
        order.filter((name, place) => needs[name]!.some((needed) => order.indexOf(needed) > place));
      expect(tooEarly(started)).toEqual([]);
      expect(tooEarly(stopped.toReversed())).toEqual([]);
    });

    test('have the tables that the health check and the consistency check look for, and no others', async () => {
      await using lease = await environment.lease();
      const { rows } = await lease.pool.query<{ name: string }>(
        `SELECT CASE schemaname WHEN 'public' THEN '' ELSE schemaname || '.' END || tablename AS name FROM pg_tables
          WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
      );

      expect(rows.map(({ name }) => name)).toEqual(Object.values(tablesOf).flat().toSorted());
    });

    test('are healthy and consistent when they have started, and when a purchase was made', async () => {
      await using lease = await environment.lease();
      const { transaction } = await testkit(lease.services).purchase({ tickets: 3 });

      expect(await health(lease.services)).toEqual({
        healthy: true,
        checks: {
          database: { healthy: true },
          auditTables: { healthy: true },
          gdprTables: { healthy: true },
          services: { healthy: true },
        },
        reasons: [],
      });
      expect(await consistency(lease.services)).toEqual({ consistent: true, findings: [] });
      expect(await lease.services.audit.missing(transaction.reference)).toEqual([]);
    });

    test.each([
      {
        what: 'tables of audit',
        statement: 'DROP SCHEMA audit CASCADE',
        check: 'auditTables',
        reason: 'audit.entries, audit.chain',
      },
      {
        what: 'a table of gdpr',
        statement: 'DROP TABLE data_requests CASCADE',
        check: 'gdprTables',
        reason: 'data_requests',
      },
    ])('are not healthy without $what, and say which', async ({ statement, check, reason }) => {
      await using lease = await environment.lease();
      // The lease's own user may not touch the audit log.
      const { url } = environment.details.postgres;
      await runSql(url.replace(/[^/]*$/, lease.postgres.database), statement);

      const answer = await health(lease.services);

      expect(answer.healthy).toBe(false);
      expect(answer.reasons).toEqual([`${check}: there is no table ${reason}`]);
    });

    test('are not healthy when the database does not answer, and of its tables nobody can tell', async () => {
      const lease = await environment.lease();
      const { services: kept } = lease;
      await lease.release();

      expect(await health(kept)).toMatchObject({
        healthy: false,
        checks: {
          database: { healthy: false },
          auditTables: { healthy: false, reason: 'nobody can tell, since the database does not answer' },
          gdprTables: { healthy: false, reason: 'nobody can tell, since the database does not answer' },
          services: { healthy: true },
        },
      });
    });

    test('are not healthy when some have not been started, or none', async () => {
      await using lease = await environment.lease();
      const { wallet: _, stripe: __, ...others } = lease.services;

      expect((await health(others)).reasons).toEqual(['services: wallet, stripe have not been started']);
      expect((await health({})).reasons).toContain('database: it has not been started');
    });

    test('are not healthy when one works on another database', async () => {
      await using lease = await environment.lease();
      await using other = await environment.lease();

      expect((await health({ ...lease.services, gdpr: other.services.gdpr })).reasons).toEqual([
        'services: gdpr on another database than the others',
      ]);
    });

    test('need no tables of those in whose place there are others of the same names', async () => {
      const own = ['gdpr', 'wallet'].map((name) =>
        defineService({ name, dependsOn: { database }, start: ({ database: db }) => ({ sharedConnection: db }) }),
      );
      const replaced = { redis: false, services: [database, audit, financial, stripe, ...own] } as const;
      await using other = await startEnvironment(replaced, { runtime });
      await using lease = await other.lease();

      expect(await health(lease.services)).toMatchObject({ healthy: true, reasons: [] });
      expect(await consistency(lease.services)).toEqual({ consistent: true, findings: [] });
    });

    test('find each of the five that is on another database', async () => {
      await using lease = await environment.lease();
      await using other = await environment.lease();

      const { findings } = await consistency({ ...other.services, database: lease.services.database });

      expect(findings.find(({ rule }) => rule === 'all services work on one database')?.of.toSorted()).toEqual(
        suiteNames.filter((name) => name !== 'database').toSorted(),
      );
    });
  });
}
