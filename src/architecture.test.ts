import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const contract = ['errors', 'system', 'service', 'connection', 'config'];
const core = ['coordinator', 'isolation', 'runtime', 'session'];

/** The folders of src and what each may import: the arrows go one way, and peers do not know each other. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  system: ['errors', 'service'],
  service: ['errors'],
  connection: ['errors'],
  config: ['errors', 'service', 'connection'],

  coordinator: contract,
  isolation: contract,
  runtime: contract,
  session: contract,

  environment: [...contract, ...core],

  // Leaves: users import them, and the core does not know them.
  services: contract,
  // What it makes is typed by the models of the bundled services, which do not know it.
  testkit: [...contract, 'services'],
  report: contract,

  cli: [...contract, ...core, 'environment', 'report'],
  vitest: [...contract, ...core, 'environment', 'report'],
};

/** The runtimes are interchangeable, so none may lean on another. */
const runtimeAdapter = /^runtime\/(docker|embedded|external)\//;

const longestFile = 250;
const longestEntry = 40;

interface SourceFile {
  /** Relative to src. */
  readonly path: string;
  /** The text without the comments that stand on lines of their own. */
  readonly code: string;
  readonly lines: number;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
}

const files = globSync('**/*.ts', { cwd: import.meta.dirname })
  .sort()
  .map(read);
// A test may start whatever it needs to make its point.
const modules = files.filter(({ path }) => !/\.test(-d)?\.ts$/.test(path));
const arrows = modules.flatMap(arrowsFrom);

describe('the arrows', () => {
  test.each(Object.entries(mayImport))('%s imports nothing of ours but %j', (folder, allowed) => {
    const reachable = [folder, ...allowed];
    const others = arrows.filter(({ from, to }) => folderOf(from) === folder && !reachable.includes(folderOf(to)));
    expect(others.map(draw)).toEqual([]);
  });

  test('every folder of src is in the table', () => {
    const folders = new Set(modules.filter(({ path }) => path.includes('/')).map(({ path }) => folderOf(path)));
    expect([...folders].filter((folder) => !Object.hasOwn(mayImport, folder))).toEqual([]);
  });

  test('one runtime does not import another', () => {
    const runtimeOf = (path: string): string | undefined => runtimeAdapter.exec(path)?.[1];
    const between = arrows.filter(({ from, to }) => runtimeOf(from) !== undefined && runtimeOf(to) !== undefined);
    expect(between.filter(({ from, to }) => runtimeOf(from) !== runtimeOf(to)).map(draw)).toEqual([]);
  });

  test('nothing imports the entry', () => {
    expect(arrows.filter(({ to }) => to === 'index.ts').map(draw)).toEqual([]);
  });

  test('nothing imports what lies outside of src, which is not published', () => {
    expect(arrows.filter(({ to }) => to.startsWith('..')).map(draw)).toEqual([]);
  });
});

describe('every file', () => {
  test(`has at most ${longestFile} lines`, () => {
    const long = files.filter(({ lines }) => lines > longestFile);
    expect(long.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([]);
  });

  test('is named in kebab-case', () => {
    const kebab = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test|\.test-d)?\.ts$/;
    expect(pathsOf(files.filter(({ path }) => !kebab.test(path)))).toEqual([]);
  });

  test('is named for what it holds', () => {
    const vague = /^(common|constants|helpers?|misc|shared|types|utils?)\.ts$/;
    expect(pathsOf(files.filter(({ path }) => vague.test(basename(path))))).toEqual([]);
  });

  test('keeps no state at its top level', () => {
    expect(pathsOf(modules.filter(({ code }) => /^(export )?(let|var) /m.test(code)))).toEqual([]);
  });

  test('leaves the environment variables to config', () => {
    const environment = /\bprocess(\?\.|\.|\[['"])env\b|\benv\b[^;]*(= process\b|from 'node:process')/;
    const readers = modules.filter(({ path, code }) => folderOf(path) !== 'config' && environment.test(code));
    expect(pathsOf(readers)).toEqual([]);
  });
});

describe.each(modules.filter(({ path }) => path === 'index.ts'))('the entry', ({ code, lines }) => {
  test(`has at most ${longestEntry} lines`, () => {
    expect(lines).toBeLessThanOrEqual(longestEntry);
  });

  test('does nothing but re-export by name', () => {
    const statements = code.split(';').map((statement) => statement.trim());
    const isByName = (statement: string): boolean => /^export (type )?\{[^}]*\} from '\.\/[^']+'$/.test(statement);
    expect(statements.filter((statement) => statement !== '' && !isByName(statement))).toEqual([]);
  });
});

function read(path: string): SourceFile {
  const text = readFileSync(join(import.meta.dirname, path), 'utf8');
  const code = text.replaceAll(/^\s*(\/\*[^]*?\*\/|\/\/.*$)/gm, '');
  return { path, code, lines: text.trimEnd().split('\n').length };
}

/** What a file imports of ours, types included. The formatter keeps imports regular enough to be found by a pattern. */
function arrowsFrom({ path, code }: SourceFile): Arrow[] {
  const statement = /^\s*(?:(?:import|export)\b[^;'"]*\bfrom\s*|import\s*)'(?<specifier>\.[^']+)'/gm;
  const call = /\bimport\(\s*'(?<specifier>\.[^']+)'/g;
  return [...code.matchAll(statement), ...code.matchAll(call)].map(({ groups }) => ({
    from: path,
    to: join(dirname(path), groups?.['specifier'] ?? ''),
  }));
}

function folderOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function draw({ from, to }: Arrow): string {
  return `${from} -> ${to}`;
}

function pathsOf(sources: readonly SourceFile[]): string[] {
  return sources.map(({ path }) => path);
}
