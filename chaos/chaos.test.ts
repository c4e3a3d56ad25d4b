import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { problemsIn } from './describe-rounds.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { randomFrom } from './random.ts';
import { runFault } from './run-fault.ts';
import type { Round } from './run-round.ts';
import { chaosRuntimes, lacks, type ChaosRuntime } from './runtimes.ts';

/** How many faults at a time: much of each is waiting. */
const atOnce = 3;

const seed = randomBytes(4).toString('hex');
const missing = new Set<ChaosRuntime>();
for (const runtime of chaosRuntimes) {
  if (await lacks(runtime)) {
    missing.add(runtime);
  }
}

const possible = faults.filter((fault) => fault.isPossible?.() ?? true);

/** A fault that is tried several times is tried everywhere; any other once, where the seed says. */
const cases = possible.flatMap((fault) => {
  const there = fault.runtimes.filter((runtime) => !missing.has(runtime));
  const candidates = there.length === 0 ? fault.runtimes : there;
  const chosen = candidates[Math.floor(randomFrom(`${seed} ${fault.id}`)() * candidates.length)];
  const runtimes = fault.rounds.short > 1 ? fault.runtimes : candidates.filter((runtime) => runtime === chosen);
  return runtimes.map((runtime) => ({ fault, runtime, id: fault.id, done: Promise.withResolvers<Round[]>() }));
});

const arena = new Arena({ isShort: true, atOnce });

beforeAll(() => {
  process.stderr.write(`chaos: seed ${seed}\n`);
  const queue = cases.filter(({ runtime }) => !missing.has(runtime)).values();
  for (let worker = 0; worker < atOnce; worker += 1) {
    void work(queue);
  }
});

afterAll(() => arena[Symbol.asyncDispose]());

describe.each(chaosRuntimes)('on %s', (where) => {
  const own = cases.filter(({ runtime }) => runtime === where);

  test.skipIf(missing.has(where)).for(own)('$id leaves nothing', { timeout: 180_000 }, async ({ id, done }) => {
    expect(problemsIn(await done.promise), `again: npm run chaos -- --seed ${seed} --only ${id}`).toEqual([]);
  });
});

async function work(queue: Iterable<(typeof cases)[number]>): Promise<void> {
  for (const { fault, runtime, done } of queue) {
    done.promise.catch(() => {});
    await runFault(arena, fault, runtime, extentOf(fault)).then(done.resolve, done.reject);
  }
}

function extentOf(fault: Fault): Parameters<typeof runFault>[3] {
  return { seed, rounds: fault.rounds.short, atOnce: 1 };
}
