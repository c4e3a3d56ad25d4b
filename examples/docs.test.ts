import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

describe.each(globSync('{docs,examples/*}/*.md', { cwd: root }).sort())('%s', (path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const programs = Array.from(
    text.matchAll(/(?:<!-- (file: (?<file>\S+)|not run[^>]*) -->\n\n)?^```ts\n(?<program>.*?)^```$/gms),
    ([, source, file, program]) => ({ source, file, program }),
  );
  const fromFiles = programs.flatMap(({ file, program }) => (file === undefined ? [] : [{ file, program }]));

  test('says of every program which file it is, or that it is not run', () => {
    expect(programs.filter(({ source }) => source === undefined)).toEqual([]);
    // Where a page shows programs at all, some of them are run.
    expect(fromFiles.length > 0).toBe(programs.length > 0);
  });

  test.each(fromFiles)('shows $file as it is', ({ file, program }) => {
    expect(program).toBe(readFileSync(join(root, file), 'utf8'));
  });

  test('links to headings that it has', () => {
    const headings = Array.from(
      text.matchAll(/^#+ (.*)$/gm),
      ([, heading = '']) =>
        `#${heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    const links = Array.from(text.matchAll(/\]\((#[^)]*)\)/g), ([, link]) => link);
    expect(links.filter((link) => !headings.includes(link ?? ''))).toEqual([]);
  });
});
