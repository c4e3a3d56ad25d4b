import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markdownTable } from '../scripts/markdown-table.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import type { Round } from './run-round.ts';

const file = join(import.meta.dirname, '..', 'docs', 'chaos.md');
const section = /(?<=<!-- chaos -->\n).*?(?=<!-- \/chaos -->)/s;

const header = ['fault', 'what is done', 'on', 'rounds', 'what the user sees', 'what is left'];

/** A line of the table, the name of its fault first. */
type Row = readonly string[];

/**
 * Writes down in docs/chaos.md that a fault was tried on all of its runtimes and nothing was wrong, unless that was less
 * often than it is meant to be and the table speaks of it already. The other lines stay as long as there is such a fault.
 */
export async function updateTable(fault: Fault, rounds: readonly Round[]): Promise<void> {
  const text = await readFile(file, 'utf8');
  const before = rowsIn(text);
  const isWhole = rounds.length >= fault.rounds.whole * fault.runtimes.length;
  const rows = faults.flatMap((each): Row[] => {
    const old = before.find(([name]) => name === codeOf(each.id));
    const isOld = each !== fault || (!isWhole && !isStale(each, old));
    const row = isOld ? old : rowOf(fault, rounds);
    return row === undefined ? [] : [row];
  });
  // A function, so that no dollar sign in the table means anything.
  await writeFile(
    file,
    text.replace(section, () => `\n${markdownTable(header, rows)}\n\n`),
  );
}

/** The faults of which the table says nothing, or something else, and those that there are no longer. */
export async function staleFaults(): Promise<string[]> {
  const rows = rowsIn(await readFile(file, 'utf8'));
  const wrong = faults.filter((fault) =>
    isStale(
      fault,
      rows.find(([name]) => name === codeOf(fault.id)),
    ),
  );
  const gone = rows.filter(([name]) => !faults.some(({ id }) => name === codeOf(id)));
  return [...wrong.map(({ id }) => codeOf(id)), ...gone.map(([name = '']) => name)];
}

function isStale(fault: Fault, row: Row | undefined): boolean {
  return beginOf(fault).some((cell, column) => cell !== row?.[column]);
}

function rowOf(fault: Fault, rounds: readonly Round[]): Row {
  const each = rounds.length / fault.runtimes.length;
  const saw = fault.sees.filter((words) => rounds.some((round) => round.saw === words));
  return [...beginOf(fault), fault.runtimes.length === 1 ? `${each}` : `${each} on each`, saw.join(' or '), 'nothing'];
}

function beginOf({ id, injected, runtimes }: Fault): Row {
  return [codeOf(id), injected, runtimes.join(', ')];
}

function codeOf(id: string): string {
  return `\`${id}\``;
}

function rowsIn(text: string): Row[] {
  const found = section.exec(text)?.[0];
  if (found === undefined) {
    throw new Error(
      'docs/chaos.md has no place for the table: <!-- chaos --> and <!-- /chaos --> on lines of their own.',
    );
  }
  return found
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}
