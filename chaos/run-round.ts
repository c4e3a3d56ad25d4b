import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../src/errors/reason.ts';
import type { Arena } from './arena.ts';
import type { ExternalServers } from './external-servers.ts';
import type { Fault } from './fault.ts';
import { randomFrom } from './random.ts';
import type { ChaosRuntime } from './runtimes.ts';
import type { Trial } from './trial.ts';

/** Within this time everything has to be gone, in milliseconds. */
const deadline = 5_000;

/** For how much longer it is seen whether it goes at all, in milliseconds. */
const further = 20_000;

/** How often is looked, in milliseconds. */
const interval = 20;

/** What came of one round. */
export interface Round {
  /** Which one, for whoever wants it again. */
  readonly number: number;
  /** What the fault met. */
  readonly phase: string;
  /** What the user saw. */
  readonly saw: string;
  /** Until nothing was left, in milliseconds. */
  readonly time: number;
  /** What is wrong, each in words. */
  readonly problems: readonly string[];
}

/** Has it happen once, and waits until nothing is left. */
export async function runRound(
  arena: Arena,
  fault: Fault,
  runtime: ChaosRuntime,
  { seed, number }: { readonly seed: string; readonly number: number },
): Promise<Round> {
  const life = await arena.lifeFor(fault, runtime);
  const servers = await arena.lend(runtime);
  const random = randomFrom(`${seed} ${fault.id} ${runtime} ${number}`);
  if (random() < 0.5) {
    await servers?.forgetTemplates();
  }
  const trial = await arena.trial({ runtime, random, servers, life: life ?? 1_000 });
  try {
    const saw = await fault.inject(trial).catch((error: unknown) => `nothing, as it failed: ${reasonOf(error)}`);
    trial.end();
    const seen = fault.sees.includes(saw) ? [] : [`the user saw ${saw}`];
    const { time, isLeft, problems } = await waitUntilNothingIsLeft(trial, servers);
    if (servers !== undefined && isLeft) {
      await arena.discard(servers);
    } else if (servers !== undefined) {
      arena.takeBack(servers);
    }
    return { number, phase: trial.phase, saw, time, problems: [...seen, ...problems] };
  } finally {
    await trial.home.remove();
  }
}

async function waitUntilNothingIsLeft(
  { home, endedAt }: Trial,
  servers: ExternalServers | undefined,
): Promise<{ readonly time: number; readonly isLeft: boolean; readonly problems: readonly string[] }> {
  let late: readonly string[] = [];
  for (;;) {
    // To look for everything takes a while, also from whoever takes it away.
    while (home.hasRecords && performance.now() - endedAt < deadline) {
      await pause(interval);
    }
    const left = [...(await home.leftovers()), ...((await servers?.leftovers()) ?? [])];
    const time = Math.round(performance.now() - endedAt);
    if (left.length === 0) {
      const what = late.length === 0 ? 'whoever ran ended late' : late.join('; ');
      const problems = time > deadline ? [`nothing was left only after ${time} ms: ${what}`] : [];
      return { time, isLeft: false, problems };
    }
    late = time > deadline && late.length > 0 ? late : left;
    if (time > deadline + further) {
      return { time, isLeft: true, problems: [`left: ${left.join('; ')}`] };
    }
    await pause(interval);
  }
}
