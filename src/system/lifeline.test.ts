import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listProcesses } from '../../fixtures/harness/processes.ts';

const program = join(import.meta.dirname, '../../fixtures/programs/tie-lifeline.ts');

/** In milliseconds. */
const patiently = { timeout: 5_000 };

let home: string;
let mark: string;
let owner: ChildProcess;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'mayfly-lifeline-'));
  mark = join(home, "it's $HOME");
  owner = spawn(process.execPath, [program, '/bin/sh', '-c', 'echo ran >> "$1"', 'sh', mark], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  await once(owner.stdout!, 'data');
  await vi.waitUntil(() => waiting().every(isReady), { interval: 1 });
});

afterEach(async () => {
  owner.kill('SIGKILL');
  await vi.waitUntil(() => waiting().length === 0);
  rmSync(home, { recursive: true });
});

test('the command runs once the owner was killed', async () => {
  owner.kill('SIGKILL');

  await vi.waitFor(() => expect(readFileSync(mark, 'utf8')).toBe('ran\n'), patiently);
});

test('it runs where the whole process group of the owner was killed', async () => {
  process.kill(-owner.pid!, 'SIGKILL');

  await vi.waitFor(() => expect(readFileSync(mark, 'utf8')).toBe('ran\n'), patiently);
});

test('it runs where the owner has ended by itself, which it is not kept from', async () => {
  owner.stdin!.end();

  expect(await once(owner, 'exit')).toEqual([0, null]);
  await vi.waitFor(() => expect(readFileSync(mark, 'utf8')).toBe('ran\n'), patiently);
});

test('it does not run where the owner has said goodbye, and nobody waits any longer', async () => {
  owner.stdin!.write('goodbye');
  const [said] = (await once(owner.stdout!, 'data')) as [Buffer];

  expect(String(said)).toBe('dismissed\n');
  expect(waiting()).toEqual([]);
  owner.stdin!.end();
  await once(owner, 'exit');
  expect(existsSync(mark)).toBe(false);
});

test.for(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('whoever waits is not ended by %s', async (signal) => {
  const [waiter] = waiting();
  process.kill(waiter!, signal);
  owner.kill('SIGKILL');

  await vi.waitFor(() => expect(readFileSync(mark, 'utf8')).toBe('ran\n'), patiently);
});

test('whoever waits is replaced when it is killed', async () => {
  const [first] = waiting();
  process.kill(first!, 'SIGKILL');

  await vi.waitFor(() => {
    // One look: between two, the first may go before another has come.
    const others = waiting().filter((pid) => pid !== first);
    expect(others).toHaveLength(1);
  });
  owner.kill('SIGKILL');
  await vi.waitFor(() => expect(readFileSync(mark, 'utf8')).toBe('ran\n'), patiently);
});

/** Whether it has come so far as to ignore signals. */
function isReady(pid: number): boolean {
  return !/^SigIgn:\s+0+$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** The processes that wait with our command, apart from who tied them. */
function waiting(): number[] {
  return listProcesses()
    .filter(({ command, pid }) => command.includes(mark) && pid !== owner.pid)
    .map(({ pid }) => pid);
}
