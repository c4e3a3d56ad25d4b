import { existsSync, renameSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { killWithReaper, makeOld } from '../../../fixtures/harness/kill-with-reaper.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { startEnvironment } from '../start-environment.ts';
import { sweep, type SweepOptions, type SweptSession } from './sweep.ts';

const state = useOwnState();
const options = { dryRun: false, signal: AbortSignal.timeout(60_000) };
const inAnHour = Date.now() + 3_600_000;

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a run on ${runtime} that was killed together with its reaper`, () => {
    test('is found by a sweep, and taken away by one of two at the same time', async () => {
      const { session, directory } = await abandon({ runtime });
      makeOld(directory);
      const env = readProcessEnv();

      const [found] = await sweep(env, { ...options, dryRun: true });
      expect(found).toMatchObject({ session, project: process.cwd(), outcome: 'found', failures: [] });
      expect(found!.owned).toContain(runtime === 'docker' ? 'containers:postgres' : 'process:postgres');
      expect(await leftoversOf(state)).not.toEqual([]);

      const both = await Promise.all([sweep(env, options), sweep(env, options)]);
      expect(both.flat()).toMatchObject([{ session }, { session }]);
      expect(new Set(both.flat().map(({ outcome }) => outcome))).toEqual(new Set(['busy', 'gone']));
      expect(await leftoversOf(state)).toEqual([]);
      expect(await sweep(env, options)).toEqual([]);
    });

    test('is taken away when the next run starts', async () => {
      const { directory } = await abandon({ runtime });
      makeOld(directory);

      await using _ = await startEnvironment({ postgres: false }, { runtime });

      await vi.waitFor(() => expect(existsSync(directory)).toBe(false), { timeout: 15_000, interval: 20 });
    });
  });
}

describe.skipIf(await isMissing('docker'))('a container whose session has lost its record', () => {
  test('is taken away by a sweep once it is old and its owner has gone', async () => {
    const { session, directory } = await abandon({ runtime: 'docker', redis: false });
    const hidden = `${directory}.hidden`;
    renameSync(directory, hidden);
    onTestFinished(() => rmSync(hidden, { recursive: true }));

    expect(await sweepsOf(session, options)).toEqual([]);
    expect(await sweepsOf(session, { ...options, now: inAnHour })).toMatchObject([{ outcome: 'gone', failures: [] }]);
  });

  test('is left alone while its owner runs', async () => {
    await using environment = await startEnvironment({ redis: false }, { runtime: 'docker' });
    const hidden = `${environment.directory}.hidden`;
    renameSync(environment.directory, hidden);

    expect(await sweepsOf(environment.session, { ...options, now: inAnHour })).toEqual([]);
    renameSync(hidden, environment.directory);
    expect(await environment.health()).toMatchObject({ healthy: true });
  });
});

/** What a sweep says of one session: others on the same daemon, as those of other test files, may be swept with it. */
async function sweepsOf(session: string, how: SweepOptions): Promise<SweptSession[]> {
  return (await sweep(readProcessEnv(), how)).filter((swept) => swept.session === session);
}

/** A run that nobody is left to clean up after. */
async function abandon(
  definition: ConstructorParameters<typeof HeldEnvironment>[0],
): Promise<{ session: string; directory: string }> {
  const program = new HeldEnvironment(definition);
  await killWithReaper(program);
  const { session = '', directory = '' } = await program.report;
  return { session, directory };
}
