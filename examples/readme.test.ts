import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { errorCodes } from '../src/errors/codes.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** A fenced block, with the comment above it that says where it comes from. */
interface Snippet {
  readonly language: string;
  readonly source: 'file' | 'run in' | undefined;
  readonly place: string;
  readonly text: string;
}

const snippets: Snippet[] = Array.from(
  readme.matchAll(/(?:<!-- (file|run in): (\S+) -->\n\n)?^```(\w+)\n(.*?)^```$/gms),
  ([, source, place = '', language = '', text = '']) => ({
    language,
    source: source as Snippet['source'],
    place,
    text,
  }),
);

const scratch = mkdtempSync(join(tmpdir(), 'mayfly-readme-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('every snippet says which file or run it comes from', () => {
  const unaccounted = snippets.filter(({ language, source }) => source === undefined && language !== 'mermaid');
  expect(unaccounted).toEqual([]);
  expect(snippets.length).toBeGreaterThan(6);
});

describe('snippets from files', () => {
  const fromFiles = snippets.filter(({ source }) => source === 'file');
  test.each(fromFiles)('$place stands in the README as it is', ({ place, text }) => {
    expect(text).toBe(readFileSync(join(root, place), 'utf8'));
  });
});

describe('commands', () => {
  const commands = snippets.filter(({ source }) => source === 'run in');
  test.each(commands)('what the README shows in $place is what they print', async ({ place, text }) => {
    const lines = text.split('\n').filter((line) => line.startsWith('$ '));
    const script = lines.map((line) => `echo '${line}'\n${line.slice(2)}`).join('\n');
    const { stdout } = await run('sh', ['-c', `exec 2>&1\n${script}`], { cwd: join(root, place), env: environment() });
    expect(shapeOf(stdout)).toEqual(shapeOf(text));
  });
});

test('the table of errors lists every code', () => {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => ({ code: `\`${code}\``, meaning }));
  const table = /<!-- errors -->(.*?)<!-- \/errors -->/s.exec(readme)?.[1] ?? '';
  const listed = Array.from(table.matchAll(/^\| (`MAYFLY_\w+`) +\| (.*?) +\|$/gm), ([, code, meaning]) => ({
    code,
    meaning,
  }));
  expect(listed).toEqual(rows);
});

/** As a reader would have it, with a state directory of its own and no colours between the words. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, MAYFLY_CACHE_DIR } = process.env;
  return {
    PATH: [join(root, 'node_modules/.bin'), PATH].join(delimiter),
    HOME,
    MAYFLY_CACHE_DIR,
    MAYFLY_STATE_DIR: scratch,
    MAYFLY_RUNTIME: 'embedded',
    NO_COLOR: '1',
  };
}

/**
 * Output without what differs from run to run: figures, secrets, the checkout's path, the order of lines, and what vitest
 * advises on a machine that is slow at the moment.
 */
function shapeOf(output: string): string[] {
  return output
    .replaceAll(`${root}/`, '')
    .replaceAll(/removed .+ in/g, 'removed … in')
    .replaceAll(/Duration .+/g, 'Duration')
    .replaceAll(/^ *(Import|Isolate) .+\n( +(~|at least|learn more).+\n)*/gm, '')
    .replaceAll(/[0-9a-f]{48}|\d+/g, '#')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('npm warn'))
    .sort();
}
