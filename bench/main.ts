/** Measures Mayfly side by side with its peers, prints a table, and writes results.json. `--help` says how. */
import { relative } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { measureRow } from './measure-row.ts';
import type { Summary } from './measure.ts';
import { makeResults, resultsFile, writeResults, type Figure, type Seen } from './results.ts';
import type { Check, Row } from './row.ts';
import { attach, upAgain } from './rows/attach.ts';
import { auditWriters } from './rows/audit-writers.ts';
import { dockerStart } from './rows/docker-start.ts';
import { dockerTeardown } from './rows/docker-teardown.ts';
import { embeddedStart } from './rows/embedded-start.ts';
import { lease, leaseAndRelease, leaseUsed } from './rows/lease.ts';
import { many } from './rows/many.ts';
import { purchase } from './rows/purchase.ts';
import { reconcile } from './rows/reconcile.ts';
import { runTrue } from './rows/run-true.ts';
import { services } from './rows/services.ts';
import { suite } from './rows/suite.ts';
import { takers } from './rows/takers.ts';
import { ms, ratioAndTarget, workOf } from './table.ts';
import { Workbench } from './workbench.ts';

const rows: readonly Row[] = [
  dockerStart,
  embeddedStart,
  dockerTeardown,
  runTrue,
  upAgain,
  attach,
  lease('embedded'),
  lease('docker'),
  leaseAndRelease,
  leaseUsed,
  suite('embedded'),
  suite('docker'),
  services,
  purchase,
  reconcile,
];

const checks: readonly Check[] = [takers, many, auditWriters];
const ids = [...rows, ...checks].map(({ id }) => id);

/** Fewer samples than this do not make a figure for the README. */
const leastRounds = 5;

const usage = `npm run bench -- [--rounds N] [--only ROW] [--output FILE]

  --rounds N     samples of each thing, ${leastRounds} or more for the README; 7 where it is left out
  --only ROW     may be given again; one of ${ids.join(', ')}
  --output FILE  where the results go; by default bench/results.json, if every row was measured`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', multiple: true, default: [] },
    output: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const isChosen = ({ id }: Row | Check): boolean => values.only.length === 0 || values.only.includes(id);
if (values.help || !Number.isInteger(rounds) || rounds < 1 || !values.only.every((id) => ids.includes(id))) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));
}

try {
  await using bench = await Workbench.open(interruption.signal);
  const seen: Seen[] = [];
  for (const { id, claim, see } of checks.filter(isChosen)) {
    console.log(claim);
    seen.push({ id, claim, seen: await see(bench) });
    console.log(`  ${styleText('green', seen.at(-1)?.seen ?? '')}`);
  }
  const figures: Figure[] = [];
  console.log(`  ${['Mayfly', 'peer'].map((title) => title.padEnd(20)).join('  ')}  ratio   target  peer`);
  for (const row of rows.filter(isChosen)) {
    console.log(row.work);
    const measured = await measureRow(row, bench, rounds);
    if (typeof measured === 'string') {
      console.log(`  left out: ${measured}`);
    } else {
      measured.forEach(print);
      figures.push(...measured);
    }
  }
  const isWhole = rounds >= leastRounds && ids.every((id) => [...figures, ...seen].some((found) => found.id === id));
  const file = values.output ?? (isWhole ? resultsFile : undefined);
  if (file !== undefined) {
    await writeResults(file, await makeResults(bench, { rounds, figures, checks: seen }));
    console.log(`\nWritten to ${relative(process.cwd(), file)}; \`node bench/report.ts\` takes it into the README.`);
  }
} catch (error) {
  console.error(styleText('red', messagesOf(error).join('\n')));
  process.exitCode = 1;
}

/** What went wrong, and what then went wrong while cleaning up. */
function messagesOf(error: unknown): readonly string[] {
  if (error instanceof SuppressedError) {
    return [...messagesOf(error.suppressed), ...messagesOf(error.error)];
  }
  return [error instanceof Error ? error.message : String(error)];
}

/** One line for Mayfly against one peer. */
function print(figure: Figure): void {
  const { peer, of, mayfly, theirs, ratio, target = Number.POSITIVE_INFINITY } = figure;
  const [share, limit] = ratioAndTarget(figure);
  const verdict = styleText(ratio <= target ? 'green' : 'yellow', share);
  console.log(
    `  ${range(mayfly, of)}  ${range(theirs, of)}  ${verdict}  ${limit.padEnd(6)}  ${workOf({ work: peer, of })}`,
  );
}

function range(summary: Summary, of: Figure['of']): string {
  return `${ms(summary[of]).padStart(7)} (${Math.round(summary.min)}–${Math.round(summary.max)})`.padEnd(20);
}
