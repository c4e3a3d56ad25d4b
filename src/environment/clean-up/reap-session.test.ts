import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { abandonSession, goneOwner } from '../../../fixtures/harness/abandoned-session.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { canMount, mount } from '../../../fixtures/harness/mount.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RecordedResource } from '../../session/manifest.ts';
import type { Owner } from '../../session/owner.ts';
import { isRunning } from '../../system/process-identity.ts';
import { reapSession } from './reap-session.ts';

const state = useOwnState();
const id = '0123456789ab';
const options = { patience: 2_000, signal: AbortSignal.timeout(30_000) };

afterAll(() => expectNothingLeft(state));

const isOnLinux = process.platform === 'linux';

test.runIf(isOnLinux).for([
  { what: 'that the command has left behind', session: id, owner: goneOwner, isLeft: false },
  { what: 'of others that got its number', session: 'ffffffffffff', owner: goneOwner, isLeft: true },
  { what: 'from another start of the machine', session: id, owner: { ...goneOwner, boot: 'another' }, isLeft: true },
])('a process group $what: left alone is $isLeft', async ({ session, owner, isLeft }) => {
  const { leader, member } = await leaderlessGroup(session);

  await reap(owner, { kind: 'command', process: { pid: leader, startTime: '42' }, isGroup: true });

  expect(isRunning({ pid: member })).toBe(isLeft);
});

test.runIf(isOnLinux)(
  'whoever works in a directory that does not carry the name of the session is left alone',
  async () => {
    const directory = makeDirectory();
    const pid = await workerIn(directory);

    await reap(goneOwner, { kind: 'process', directory });

    expect(isRunning({ pid })).toBe(true);
  },
);

test.runIf(isOnLinux)('a server is found by its directory', async () => {
  const directory = join(makeDirectory(), `mayfly-${id}-redis`);
  mkdirSync(directory);
  const pid = await workerIn(directory);

  await reap(goneOwner, { kind: 'process', directory });

  expect(isRunning({ pid })).toBe(false);
});

test.runIf(isOnLinux)('somebody who looks around in the directory of a server stays there', async () => {
  const directory = join(makeDirectory(), `mayfly-${id}-redis`);
  mkdirSync(directory);
  const terminal = join(import.meta.dirname, '../../../fixtures/cli/terminal.py');
  const shell = spawn('python3', [terminal, 'sh', '-c', 'cd "$1" && echo $$ && exec sleep 60', 'sh', directory]);
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  onTestFinished(() => end(Number(line)));

  await reap(goneOwner, { kind: 'process', directory });

  expect(isRunning({ pid: Number(line) })).toBe(true);
});

test.runIf(canMount())('a disk that is full keeps nobody from what is to be removed', async () => {
  const home = makeDirectory();
  const disk = makeDirectory();
  using _ = mount(disk, 'size=64k');
  const path = join(home, `mayfly-${id}-redis`);
  mkdirSync(path);
  const directory = join(disk, id);
  abandonSession(directory, { it: { kind: 'directory', path } });
  expect(() => writeFileSync(join(disk, 'much'), Buffer.alloc(2 ** 17))).toThrow('ENOSPC');

  expect(await reapSession(directory, options)).toEqual({ outcome: 'gone' });

  expect([existsSync(path), existsSync(directory)]).toEqual([false, false]);
});

/** A group whose leader has ended, and whose only member was started in a session. */
async function leaderlessGroup(session: string): Promise<{ leader: number; member: number }> {
  const leader = spawn('sh', ['-c', 'sleep 60 <&- >&- & echo $!; read -r line'], {
    detached: true,
    env: { ...process.env, MAYFLY_SESSION: session },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [line] = (await once(leader.stdout, 'data')) as [Buffer];
  const member = Number(line);
  onTestFinished(() => end(member));
  leader.stdin.end('\n');
  await once(leader, 'exit');
  return { leader: leader.pid!, member };
}

/** A process of which nothing is known but where it works. */
async function workerIn(directory: string): Promise<number> {
  const worker = spawn('cat', { cwd: directory, detached: true });
  worker.stdin.write('ready');
  await once(worker.stdout, 'data');
  onTestFinished(() => end(worker.pid!));
  return worker.pid!;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Has the session of an owner that has gone taken away, of which one thing is recorded. */
async function reap(owner: Owner, resource: RecordedResource): Promise<void> {
  const directory = join(state.directory, 'sessions', id);
  abandonSession(directory, { it: resource }, { owner });
  expect(await reapSession(directory, options)).toEqual({ outcome: 'gone' });
  expect(existsSync(directory)).toBe(false);
}
