/** Takes results.json into the README, between its two marks; with --check it only says whether that was done. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readResults } from './results.ts';
import { describeResults } from './table.ts';

const readme = join(import.meta.dirname, '..', 'README.md');
const section = /(?<=<!-- bench -->\n).*?(?=<!-- \/bench -->)/s;

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const text = await readFile(readme, 'utf8');
if (!section.test(text)) {
  throw new Error('README.md has no place for the figures: <!-- bench --> and <!-- /bench --> on lines of their own.');
}
const table = describeResults(await readResults());
// A function, so that no dollar sign in the table means anything.
const updated = text.replace(section, () => `\n${table}\n`);
if (!values.check) {
  await writeFile(readme, updated);
} else if (updated !== text) {
  console.error('The figures in README.md are not those of bench/results.json: run `node bench/report.ts`.');
  process.exitCode = 1;
}
