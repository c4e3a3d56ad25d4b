import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { HeldEnvironment } from '../../fixtures/harness/held-environment.ts';
import { expectNothingLeft, leftoversOf } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

// One is enough where it takes long: what is done is the same for each.
const signals = { docker: ['SIGINT'], embedded: ['SIGINT', 'SIGTERM', 'SIGHUP'] } as const;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a program that holds an environment on ${runtime}`, () => {
    test.for<NodeJS.Signals>(signals[runtime])('ends by %s, and nothing is left', async (signal) => {
      const program = new HeldEnvironment({ runtime });
      await program.report;

      program.child.kill(signal);

      expect(await program.ended).toMatchObject({ signal, exitCode: null, stderr: '' });
      expect(await leftoversOf(state)).toEqual([]);
    });

    test('ends by a signal that comes while it starts, and nothing is left', async () => {
      const known = new Set(state.sessions.keys());
      const program = new HeldEnvironment({ runtime });
      await vi.waitUntil(
        () => [...state.sessions].some(([id, seen]) => !known.has(id) && (seen.hadContainers || seen.pids.size > 0)),
        { interval: 1, timeout: 30_000 },
      );

      program.child.kill('SIGINT');

      expect(await program.ended).toMatchObject({ signal: 'SIGINT', exitCode: null, stderr: '' });
      expect(await leftoversOf(state)).toEqual([]);
    });

    test('ends by itself once it has stopped the environment', async () => {
      const program = new HeldEnvironment({ runtime });
      await program.report;

      expect(await program.stop()).toEqual({ exitCode: 0, signal: null, stderr: '' });
    });
  });
}

describe.skipIf(await isMissing('embedded'))('a program that holds several environments', () => {
  test('ends by a signal when all are stopped, however long one of them takes', async () => {
    const { child } = await start('hold-two-environments');

    child.kill('SIGTERM');

    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
    expect(await leftoversOf(state)).toEqual([]);
  });

  test('ends at once by a second signal, and what is left is taken away', async () => {
    const { child, lines } = await start('hold-stubborn-environment');
    const ended = once(child, 'exit');

    child.kill('SIGTERM');
    expect(await lines.next()).toMatchObject({ value: 'stopping' });
    child.kill('SIGINT');

    expect(await ended).toEqual([null, 'SIGINT']);
    await vi.waitFor(async () => expect(await leftoversOf(state)).toEqual([]), { timeout: 30_000 });
  });

  test('takes one away as well that it starts while others are stopped', async () => {
    const { child, lines } = await start('start-another-at-the-end');
    const ended = once(child, 'exit');

    child.kill('SIGTERM');

    expect(await lines.next()).toMatchObject({ value: 'stopped the other' });
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(await leftoversOf(state)).toEqual([]);
  });
});

/** Starts a program of fixtures/programs, and returns when it says that it is ready. */
async function start(name: string): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> {
  const program = join(import.meta.dirname, `../../fixtures/programs/${name}.ts`);
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect(await lines.next()).toMatchObject({ value: 'ready' });
  return { child, lines };
}
