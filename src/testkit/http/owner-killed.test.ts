import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { listProcesses } from '../../../fixtures/harness/processes.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { pollUntilFound } from '../../service/poll.ts';
import { isRunning } from '../../system/process-identity.ts';

const state = useOwnState();
const program = join(import.meta.dirname, '../../../fixtures/programs/hold-app.ts');

interface Held {
  readonly owner: ChildProcess;
  /** The number of the application's process. */
  readonly app: number;
  readonly session?: string;
}

/** An application that ignores SIGTERM, served by a program. */
async function hold(parameter: string): Promise<Held> {
  const owner = spawn(process.execPath, [program, parameter], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  const { url, session } = JSON.parse(line) as { readonly url: string; readonly session?: string };
  const about = (await (await fetch(`${url}/about`)).json()) as { readonly pid: number };
  return { owner, app: about.pid, ...(session === undefined ? {} : { session }) };
}

function lifelinesOf(app: number): number[] {
  return listProcesses().flatMap(({ pid, command }) =>
    command.endsWith(`kill -s KILL -- "-$1" sh ${app}`) ? [pid] : [],
  );
}

async function isGone(pid: number): Promise<void> {
  await pollUntilFound(async () => (isRunning({ pid }) ? undefined : true), AbortSignal.timeout(20_000));
}

test('an application ends with the process that serves it, however that ends', async () => {
  const { owner, app } = await hold('alone');

  owner.kill('SIGKILL');

  await isGone(app);
  await vi.waitFor(() => expect(lifelinesOf(app)).toEqual([]), { timeout: 20_000 });
});

test('a process that ends in order is not kept by an application that it has forgotten', async () => {
  const { owner, app } = await hold('alone');

  owner.stdin?.end();

  await once(owner, 'exit');
  expect(owner.exitCode).toBe(0);
  await isGone(app);
});

describe.skipIf(await isMissing('embedded'))('an application that is a service', () => {
  afterAll(() => expectNothingLeft(state));

  test('was written down: the reaper ends it where nobody else does', async () => {
    const { owner, app, session = '' } = await hold('in-a-run');
    // Stopped first, or it would see to a replacement.
    owner.kill('SIGSTOP');
    const lifelines = lifelinesOf(app);
    expect(lifelines).toHaveLength(1);
    lifelines.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await isGone(lifelines[0]!);

    owner.kill('SIGKILL');

    await isGone(app);
    const isForgotten = async (): Promise<true | undefined> =>
      listProcesses().some(({ command }) => command.includes(session)) ? undefined : true;
    await pollUntilFound(isForgotten, AbortSignal.timeout(20_000));
  });
});
