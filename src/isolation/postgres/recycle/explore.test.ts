import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { rounds, type Round } from '../../../../fixtures/isolation/commands.ts';
import { dumpDatabase, type Dump } from '../../../../fixtures/isolation/dump-database.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { soon } from '../../../../fixtures/isolation/lease-source.ts';
import { playRound } from '../../../../fixtures/isolation/play-round.ts';
import { probeDatabase } from '../../../../fixtures/isolation/probe-database.ts';
import type { PostgresLeases } from '../postgres-leases.ts';

/** Raise this by hand, to thousands, when something about recycling changes. */

const everything = readFileSync(new URL('../../../../fixtures/isolation/everything.sql', import.meta.url), 'utf8');
const state = useOwnState();
const sums = [0, 0, 0, 0, 0];
const stats = (...x: number[]) => {
  sums[4]!++;
  x.forEach((v, i) => (sums[i]! += v));
};
import { afterAll as aa } from 'vitest';
aa(() => {
  const n = sums[4]!;
  console.log(
    'take, play, giveBack, describe',
    sums.map((x) => x / n),
    n,
  );
});

for (const runtime of [process.env['RT'] ?? 'embedded'] as ('embedded' | 'docker')[]) {
  describe.skipIf(await isMissing(runtime))(`on ${runtime}`, () => {
    const server = useLeaseServer(
      state,
      {
        settings: {
          max_prepared_transactions: '10',
          ...(process.env['AV'] ? { autovacuum_naptime: '1s' } : { autovacuum: 'off' }),
        },
      },
      runtime,
    );
    const outcomes = new Map<string, number>();
    let leases: PostgresLeases;
    let fresh: unknown;

    beforeAll(async () => {
      ({ leases } = await server.open({ sql: everything }));
      fresh = await describeNext();
    });

    afterAll(() => leases.close());

    test('whatever a test does, the next one gets what equals a fresh copy', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(rounds, { minLength: 1, maxLength: 4 }), async (all) => {
          for (const round of all) {
            await play(round);
          }
        }),
        {
          numRuns: Number(process.env['RUNS'] ?? 25),
          ...(process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {}),
        },
      );
      process.stderr.write(`${runtime}: ${JSON.stringify(Object.fromEntries(outcomes))}\n`);
      expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['untouched', 'undone', 'structure changed']));
    }, 10_000_000);

    async function play(round: Round): Promise<void> {
      const t0 = performance.now();
      const taken = await leases.take({ name: 'test' }, soon()).catch(async (e) => {
        for (const q of [
          'SELECT pid, datname, usename, application_name, state, backend_type, wait_event_type, wait_event, left(query, 100) q, now()-query_start age, pg_blocking_pids(pid) b FROM pg_stat_activity',
          'SELECT * FROM pg_prepared_xacts',
          'SELECT * FROM pg_locks WHERE NOT granted',
        ])
          console.log(q, JSON.stringify(await server.ask(`SELECT json_agg(x) FROM (${q}) x`)));
        const c = new (await import('pg')).default.Client({ ...server.details, database: 'mayfly' });
        await c.connect();
        console.log(
          (await c.query('SELECT state, backend, count(*), max(since) FROM mayfly_1.database GROUP BY 1, 2')).rows,
        );
        await c.end();
        throw e;
      });
      const t1 = performance.now();
      await using played = await playRound(taken, round);
      const t2 = performance.now();
      const { outcome } = await leases.giveBack(taken);
      const t3 = performance.now();
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      played.release();
      const d = await describeNext();
      const t4 = performance.now();
      if (t4 - t0 > 600 || outcome === 'lost')
        console.log(outcome, t1 - t0, t2 - t1, t3 - t2, t4 - t3, JSON.stringify(round));
      stats(t1 - t0, t2 - t1, t3 - t2, t4 - t3);
      expect(d).toEqual(fresh);
      expect(played.intrusions).toBe(0);
    }

    /** What the next one finds, and how it answers. */
    async function describeNext(): Promise<{ dump: Dump; answers: string[] }> {
      const next = await leases.take({ name: 'next' }, soon());
      try {
        const dump = await dumpDatabase(server.details, next.details.database);
        return { dump, answers: await probeDatabase(next) };
      } finally {
        await leases.giveBack(next);
      }
    }
  });
}
