import { markdownTable } from '../scripts/markdown-table.ts';
import type { Images } from './images.ts';
import type { Figure, Results } from './results.ts';

/** A table in Markdown, its columns padded as the formatter pads them, and what it holds for. */
export function describeResults(results: Results): string {
  const header = ['work', 'Mayfly', 'peer', '', 'ratio', 'target'];
  const lines = results.figures.map((figure) => [
    workOf(figure),
    ms(figure.mayfly[figure.of]),
    figure.peer,
    ms(figure.theirs[figure.of]),
    ...ratioAndTarget(figure),
  ]);
  const seen = results.checks.map(({ claim, seen: what }) => `- ${claim}: ${what}.\n`);
  return [
    `${markdownTable(header, lines)}\n`,
    `${describeConditions(results)}\n`,
    ...(seen.length === 0 ? [] : [seen.join('')]),
  ].join('\n');
}

/** What was done, and which of its samples counts where that is not the median. */
export function workOf({ work, of }: Pick<Figure, 'work' | 'of'>): string {
  return of === 'median' ? work : `${work}, 95th percentile`;
}

/** How much of the peer's time Mayfly took, and was to take. */
export function ratioAndTarget({ ratio, target }: Figure): [ratio: string, target: string] {
  return [`${ratio.toFixed(2)} x`, target === undefined ? '' : `${target} x`];
}

/** Whole milliseconds, or tenths where these say more. */
export function ms(duration: number): string {
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`;
}

function describeConditions({ date, machine, images, rounds }: Results): string {
  const { cores, memory, system, node, docker } = machine;
  const place = [
    `${cores} cores`,
    `${memory} GB`,
    system,
    `Node ${node}`,
    ...(docker === undefined ? [] : [`Docker ${docker}`]),
  ];
  const sentences = [`Medians of ${rounds} runs in turn with the peer, on ${place.join(', ')}; ${date}.`];
  if (images !== undefined) {
    sentences.push(
      `Mayfly's images: ${listed(images.mayfly)}; the peers': ${listed(images.stock)}.`,
      'testcontainers-node runs without Ryuk, to its advantage.',
    );
  }
  return sentences.join('\n');
}

function listed({ postgres, redis }: Images['mayfly']): string {
  return `\`${postgres}\` and \`${redis}\``;
}
