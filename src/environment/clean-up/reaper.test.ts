import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';

const state = useOwnState();
const forgetful = join(import.meta.dirname, '../../../fixtures/programs/forget-environment.ts');

/** In milliseconds. */
const patiently = { timeout: 15_000, interval: 20 };

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`on ${runtime}`, () => {
    test('nothing is left of a program that was killed', async () => {
      const program = new HeldEnvironment({ runtime });
      await program.report;

      program.child.kill('SIGKILL');

      await program.ended;
      await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), patiently);
    });

    test('nothing is left of a program that was killed while it started', async () => {
      const known = new Set(state.sessions.keys());
      const program = new HeldEnvironment({ runtime });
      await vi.waitUntil(
        () => [...state.sessions].some(([id, seen]) => !known.has(id) && (seen.hadContainers || seen.pids.size > 0)),
        { interval: 1, timeout: 30_000 },
      );

      program.child.kill('SIGKILL');

      await program.ended;
      await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), patiently);
    });
  });
}

describe.skipIf(await isMissing('embedded'))('a program that forgets its environment', () => {
  test.for([
    ['calls process.exit', 7],
    ['throws what nobody catches', 1],
    ['has nothing more to do', 0],
  ] as const)('and %s leaves nothing', async ([ending, exitCode]) => {
    const child = spawn(process.execPath, [forgetful, ending], { stdio: 'ignore' });

    expect(await once(child, 'exit')).toEqual([exitCode, null]);
    await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), patiently);
  });
});
