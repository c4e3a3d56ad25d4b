import type { Round } from './run-round.ts';

/** What came of several rounds, in one line: how often, when, what was seen, and how long until nothing was left. */
export function describeRounds(rounds: readonly Round[]): string {
  const times = rounds.map(({ time }) => time).sort((one, other) => one - other);
  const middle = times[Math.floor(times.length / 2)] ?? Number.NaN;
  return [
    `${rounds.length} rounds`,
    count(rounds.map(({ saw }) => saw)),
    ...(rounds.some(({ phase }) => phase !== '') ? [`during ${count(rounds.map(({ phase }) => phase))}`] : []),
    `nothing left after ${middle} ms, at most ${times.at(-1)} ms`,
  ].join('; ');
}

/** What was wrong, each with the round that it was wrong in. */
export function problemsIn(rounds: readonly Round[]): string[] {
  return rounds.flatMap(({ number, phase, problems }) =>
    problems.map((problem) => `round ${number}${phase === '' ? '' : `, during ${phase}`}: ${problem}`),
  );
}

function count(words: readonly string[]): string {
  const groups = Map.groupBy(words, (word) => word);
  return [...groups].map(([word, { length }]) => `${word} × ${length}`).join(', ');
}
