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
const numRuns = { embedded: 25, docker: 8 } as const;

const everything = readFileSync(new URL('../../../../fixtures/isolation/everything.sql', import.meta.url), 'utf8');
// What autovacuum finds out about a database depends on when it comes.
const settings = { max_prepared_transactions: '10', autovacuum: 'off' };
const state = useOwnState();

/** So that every outcome occurs, whatever chance brings. */
const oneOfEach: Round[] = ['SELECT 1', 'INSERT INTO plain DEFAULT VALUES', 'CREATE TABLE made (a int)'].map((sql) => ({
  steps: [{ session: 0, sql }],
  staysOpen: false,
  hasLeakedPool: false,
}));

/** On a database that was made for it, whose settings meet every later connection, ours among them. */
const settingsOfFresh: Round[] = [
  'CREATE TABLE made (a int)',
  'ALTER DATABASE it SET default_transaction_read_only = on',
].map((sql) => ({ steps: [{ session: 0, sql }], staysOpen: false, hasLeakedPool: true }));

for (const runtime of ['embedded', 'docker'] as const) {
  describe.skipIf(await isMissing(runtime))(`on ${runtime}`, () => {
    const server = useLeaseServer(state, { settings }, runtime);
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
        { numRuns: numRuns[runtime], examples: [[oneOfEach], [settingsOfFresh]] },
      );
      expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['untouched', 'undone', 'structure changed']));
    }, 10_000_000);

    async function play(round: Round): Promise<void> {
      const taken = await leases.take({ name: 'test' }, soon());
      await using played = await playRound(taken, round);
      const { outcome } = await leases.giveBack(taken);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      played.release();
      expect(await describeNext()).toEqual(fresh);
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
