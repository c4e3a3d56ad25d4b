import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { killBoth, killReapersOf, makeOld, reapersOf } from '../../fixtures/harness/kill-with-reaper.ts';
import { pollUntilFound } from '../../src/service/poll.ts';
import type { Fault } from '../fault.ts';
import { chaosRuntimes } from '../runtimes.ts';
import type { Trial } from '../trial.ts';
import { describeEnd, Victim } from './victim.ts';

const program = join(import.meta.dirname, '..', 'programs', 'next-run.ts');

/** How long a replacement may take, in milliseconds. */
const patience = 10_000;

const reaperFirst: Fault = {
  id: 'reaper-killed-first',
  injected: 'SIGKILL to the reaper, and to the owner when another waits in its place',
  runtimes: chaosRuntimes,
  rounds: { whole: 5, short: 1 },
  sees: ['SIGKILL'],
  inject: async (trial) => {
    const { running, session } = await hold(trial);
    await killReapersOf(session);
    const replacement = async (): Promise<true | undefined> => (reapersOf(session).length > 0 ? true : undefined);
    await pollUntilFound(replacement, AbortSignal.timeout(patience));
    await trial.randomMoment(running);
    running.kill('SIGKILL');
    const end = await running.end;
    trial.end();
    return describeEnd(end);
  },
};

const both: Fault = {
  id: 'owner-and-reaper-killed',
  injected: 'SIGKILL to the owner and its reaper at once; the next run starts over a minute later',
  runtimes: chaosRuntimes,
  rounds: { whole: 5, short: 1 },
  sees: ['SIGKILL, then exit 0'],
  inject: async (trial) => {
    const { running, session } = await hold(trial);
    await killBoth(running.child, session);
    const end = await running.end;
    if (!existsSync(recordOf(trial, session))) {
      throw new Error('Somebody took the session away although nobody was left to do so.');
    }
    return `${describeEnd(end)}, then ${await nextRun(trial, session)}`;
  },
};

const atWork: Fault = {
  id: 'reaper-killed-at-work',
  injected:
    'SIGKILL to the owner, and to its reaper at a random moment of its work; the next run starts over a minute later',
  runtimes: chaosRuntimes,
  rounds: { whole: 10, short: 1 },
  sees: ['SIGKILL, then exit 0'],
  inject: async (trial) => {
    const { running, session } = await hold(trial);
    running.kill('SIGKILL');
    const end = await running.end;
    await trial.randomMoment({ end: new Promise(() => {}) });
    await killReapersOf(session);
    return `${describeEnd(end)}, then ${await nextRun(trial, session)}`;
  },
};

export const reapers: readonly Fault[] = [reaperFirst, both, atWork];

async function hold(trial: Trial): Promise<Victim> {
  const victim = new Victim(trial, 'hold');
  await victim.begins('held');
  return victim;
}

/** Has another run start, as if a minute had passed, and says how that ended. */
async function nextRun(trial: Trial, session: string): Promise<string> {
  const record = recordOf(trial, session);
  if (existsSync(record)) {
    makeOld(record);
  }
  const { home, variables } = trial;
  const next = home.project.spawn(process.execPath, [program], { env: { ...variables } });
  const end = await next.end;
  trial.end();
  return describeEnd(end);
}

function recordOf({ home }: Trial, session: string): string {
  return join(home.project.state, 'sessions', session);
}
