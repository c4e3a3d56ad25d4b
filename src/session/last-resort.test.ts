import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { expectNothingLeft, leftoversOf } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';

const state = useOwnState();
const program = join(import.meta.dirname, '../../fixtures/programs/forget-environment.ts');

describe.skipIf(await isMissing('embedded'))('a program that forgets its environment', () => {
  afterAll(() => expectNothingLeft(state));

  test.for([
    ['calls process.exit', 7],
    ['throws what nobody catches', 1],
    ['has nothing more to do', 0],
  ] as const)('and %s leaves no process and no directory', async ([ending, exitCode]) => {
    const child = spawn(process.execPath, [program, ending], { stdio: 'ignore' });

    expect(await once(child, 'exit')).toEqual([exitCode, null]);
    // The servers were told to end; they have the moment that it takes them.
    await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), { timeout: 5_000, interval: 10 });
  });
});
