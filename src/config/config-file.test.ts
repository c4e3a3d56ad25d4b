import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProject, type LoadedDefinition } from './config-file.ts';

// Under the test runner an import is the runner's. Users' config files are loaded by Node.
const node = new Worker(new URL('fixtures/load-definition.mjs', import.meta.url));
let directory: string;

afterAll(async () => {
  await node.terminate();
});

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'mayfly #1 100%25 ü прое? ')));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('the config file', () => {
  test.each(['mayfly.config.ts', 'mayfly.config.mts', 'mayfly.config.js', 'mayfly.config.mjs'])(
    'may be %s',
    async (name) => {
      const types = name.endsWith('ts') ? ' satisfies object' : '';
      const file = await write(name, `const redis = false; export default { redis }${types};`);

      expect(await loadDefinition(directory)).toEqual({ definition: { redis: false }, file, directory });
    },
  );

  test('is the nearest one in the directories above', async () => {
    await write('mayfly.config.ts', 'export default { redis: false };');
    const nearer = await write('packages/mayfly.config.js', 'export default { postgres: false };');
    const below = join(directory, 'packages', 'an app', 'src');
    await mkdir(below, { recursive: true });

    expect(await loadDefinition(below)).toEqual({
      definition: { postgres: false },
      file: nearer,
      directory: dirname(nearer),
    });
    expect(await findProject(below)).toBe(dirname(nearer));
  });

  test('may import what lies beside it', async () => {
    await write('ports.ts', 'export const port: number = 7;');
    await write('mayfly.config.ts', "import { port } from './ports.ts'; export default { redis: { port } };");

    expect(await loadDefinition(directory)).toMatchObject({ definition: { redis: { port: 7 } } });
  });

  test('may be left out', async () => {
    expect(await loadDefinition(directory)).toEqual({ definition: {}, file: undefined, directory });
    expect(await findProject(directory)).toBe(directory);
  });

  test('is the one that is named, from the directory or from the root', async () => {
    await write('mayfly.config.ts', 'export default { redis: false };');
    const named = await write('config/ci.ts', 'export default { postgres: false };');

    for (const name of ['config/ci.ts', './config/../config/ci.ts', named]) {
      expect(await loadDefinition(directory, name)).toEqual({
        definition: { postgres: false },
        file: named,
        directory: dirname(named),
      });
    }
  });
});

describe('refused is', () => {
  test('a named file that is not there', async () => {
    await write('mayfly.config.ts', 'export default {};');

    await expect(loadDefinition(directory, 'other.ts')).rejects.toMatchObject({
      code: 'MAYFLY_CONFIG_NOT_FOUND',
      message: `The config file ${join(directory, 'other.ts')} does not exist. Correct the path after --config.`,
    });
  });

  test.each([
    { what: 'a file with a syntax error', text: 'export default {', reason: /\S/ },
    { what: 'a file that throws', text: "throw new Error('No luck.');", reason: /^No luck\.$/ },
    { what: 'a file that imports what is not there', text: "import './gone.ts';", reason: /gone\.ts/ },
  ])('$what', async ({ text, reason }) => {
    const file = await write('mayfly.config.ts', text);

    await expect(loadDefinition(directory)).rejects.toMatchObject({
      code: 'MAYFLY_CONFIG_LOAD_FAILED',
      phase: 'configure',
      summary: expect.stringContaining(`The config file ${file} could not be loaded: `),
      remedy: 'Mend the file; `node FILE` shows the place.',
      cause: expect.objectContaining({ message: expect.stringMatching(reason) }),
    });
  });

  test('a file without a default export', async () => {
    const file = await write('mayfly.config.ts', 'export const definition = {};');

    await expect(loadDefinition(directory)).rejects.toMatchObject({
      code: 'MAYFLY_CONFIG_NO_DEFAULT_EXPORT',
      message: `The config file ${file} has no default export. Write \`export default defineEnvironment({ … })\`.`,
    });
  });

  test.each([
    { what: 'an unknown field', text: 'export default { postgress: {} };', code: 'MAYFLY_DEFINITION_INVALID' },
    { what: 'a function', text: 'export default () => ({});', code: 'MAYFLY_DEFINITION_INVALID' },
    { what: 'null', text: 'export default null;', code: 'MAYFLY_DEFINITION_INVALID' },
    { what: 'an unknown runtime', text: "export default { runtime: 'podman' };", code: 'MAYFLY_RUNTIME_UNKNOWN' },
  ])('a definition that has or is $what', async ({ text, code }) => {
    await write('mayfly.config.ts', text);

    await expect(loadDefinition(directory)).rejects.toMatchObject({ code });
  });
});

/** Writes a file, and the directories on the way to it. */
async function write(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** What `loadDefinition` gives, or throws. */
async function loadDefinition(from: string, named?: string): Promise<LoadedDefinition> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  node.postMessage({ from, named });
  const [{ loaded, thrown }] = (await once(node, 'message')) as [{ loaded?: LoadedDefinition; thrown?: Error }];
  return loaded ?? Promise.reject(thrown ?? new Error('It did neither.'));
}
