/** Kills, interrupts and breaks what Mayfly runs on, and sees that nothing is left. `--help` says how. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs, styleText } from 'node:util';
import { Arena } from './arena.ts';
import { describeRounds, problemsIn } from './describe-rounds.ts';
import { updateTable } from './fault-table.ts';
import { faults } from './faults.ts';
import { runFault } from './run-fault.ts';
import type { Round } from './run-round.ts';
import { chaosRuntimes, lacks, type ChaosRuntime } from './runtimes.ts';

const ids = faults.map(({ id }) => id);

const usage = `npm run chaos -- [--seed SEED] [--only FAULT] [--runtime RUNTIME] [--rounds N] [--at-once N]

  --seed SEED        has the same moments again
  --only FAULT       may be given again; one of ${ids.join(', ')}
  --runtime RUNTIME  may be given again; one of ${chaosRuntimes.join(', ')}
  --rounds N         of each fault, instead of its own number
  --at-once N        how many rounds at the same time; by default one for each processor

What went well on all of its runtimes is written into docs/chaos.md.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    only: { type: 'string', multiple: true, default: [] },
    runtime: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    'at-once': { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});
const numbers = [values.rounds ?? 1, values['at-once']].map(Number);
const isUnderstood =
  numbers.every((number) => Number.isInteger(number) && number > 0) &&
  values.only.every((id) => ids.includes(id)) &&
  values.runtime.every((name) => (chaosRuntimes as readonly string[]).includes(name));
if (values.help || !isUnderstood) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const { seed } = values;
console.log(`seed ${seed}`);
const missing = new Set<ChaosRuntime>();
for (const runtime of chaosRuntimes) {
  if (await lacks(runtime)) {
    missing.add(runtime);
  }
}
const isChosen = (runtime: ChaosRuntime): boolean =>
  !missing.has(runtime) && (values.runtime.length === 0 || values.runtime.includes(runtime));

// What is under way goes to its end, and is taken away.
const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interruption.abort(new Error(`ended by ${name}`)));
}

let failures = 0;
const atOnce = Number(values['at-once']);
await using arena = new Arena({ isShort: false, atOnce });
for (const fault of faults.filter(({ id }) => values.only.length === 0 || values.only.includes(id))) {
  if (fault.isPossible?.() === false) {
    continue;
  }
  const all: Round[] = [];
  const failedBefore = failures;
  for (const runtime of fault.runtimes.filter(isChosen)) {
    const extent = { seed, rounds: Number(values.rounds ?? fault.rounds.whole), atOnce, signal };
    const rounds = await runFault(arena, fault, runtime, extent);
    const problems = problemsIn(rounds);
    const verdict = problems.length === 0 ? styleText('green', 'ok    ') : styleText('red', 'FAILED');
    console.log(`${verdict}  ${`${fault.id} on ${runtime}`.padEnd(40)}  ${describeRounds(rounds)}`);
    problems.forEach((problem) => console.log(`        ${problem}`));
    failures += problems.length;
    all.push(...rounds);
  }
  if (failures === failedBefore && fault.runtimes.every(isChosen)) {
    await updateTable(fault, all);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
