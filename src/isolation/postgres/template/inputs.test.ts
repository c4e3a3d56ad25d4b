import { cpSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directoryWith } from '../../../../fixtures/migrations/own-directory.ts';
import { digestInputs } from './inputs.ts';

const files = { 'schema.sql': 'SELECT 1;', 'seed/a.json': '[]', 'seed/b/c.json': '{}' };

async function digestOf(tree: Readonly<Record<string, string>>, inputs: readonly string[] = ['.']): Promise<string> {
  return digestInputs(inputs, directoryWith(tree));
}

describe('the digest is the same', () => {
  test('for the same files elsewhere and of another time', async () => {
    const [here, there] = [directoryWith(files), directoryWith({})];
    cpSync(here, there, { recursive: true });
    utimesSync(join(there, 'schema.sql'), 0, 0);

    expect(await digestInputs(['seed', 'schema.sql'], there)).toBe(await digestInputs(['seed', 'schema.sql'], here));
  });

  test('in whichever order and however often inputs are named', async () => {
    expect(await digestOf(files, ['./seed/', 'schema.sql', 'seed/a.json'])).toBe(
      await digestOf(files, ['schema.sql', 'seed']),
    );
    expect(await digestOf(files, ['schema.sql', 'seed'])).toBe(await digestOf(files));
  });

  test('for a path and for its URL', async () => {
    const base = directoryWith(files);

    expect(await digestInputs([pathToFileURL(join(base, 'seed'))], base)).toBe(await digestInputs(['seed'], base));
    expect(await digestInputs([join(base, 'seed')], base)).toBe(await digestInputs(['seed'], base));
  });

  test('from release to release: it names what is kept', async () => {
    expect(await digestOf(files)).toBe('50b1f10a8e0d4ca73475a27b030bdf1dcdeace7208d74f27646fce24c8a8549a');
    expect(await digestOf({}, [])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('whatever lies in node_modules or begins with a dot, unless it is named', async () => {
    const more = { ...files, '.env': 'A=1', 'seed/node_modules/a/index.js': '', 'seed/.git/HEAD': '' };

    expect(await digestOf(more)).toBe(await digestOf(files));
    expect(await digestOf(more, ['.', '.env'])).not.toBe(await digestOf(files));
  });
});

describe('the digest is another', () => {
  test.each([
    { what: 'content', tree: { ...files, 'schema.sql': 'SELECT 2;' } },
    { what: 'name', tree: { 'schema2.sql': 'SELECT 1;', 'seed/a.json': '[]', 'seed/b/c.json': '{}' } },
    { what: 'folder', tree: { 'schema.sql': 'SELECT 1;', 'seed/a.json': '[]', 'seed/c.json': '{}' } },
    { what: 'file more', tree: { ...files, 'seed/empty': '' } },
  ])('after a change of $what', async ({ tree }) => {
    expect(await digestOf(tree)).not.toBe(await digestOf(files));
  });

  test('for any two sets of files that differ', async () => {
    const trees = fc.dictionary(fc.stringMatching(/^[ab1:]{1,3}$/), fc.stringMatching(/^[ab1:]{0,3}$/), { maxKeys: 3 });
    const text = (tree: Record<string, string>): string =>
      Object.keys(tree)
        .sort()
        .map((name) => `${name}/${tree[name]}`)
        .join();
    await fc.assert(
      fc.asyncProperty(trees, trees, async (one, other) => {
        expect((await digestOf(one)) === (await digestOf(other))).toBe(text(one) === text(other));
      }),
      {
        numRuns: 200,
        examples: [
          [{ ab: 'c' }, { a: 'bc' }],
          [
            { a: 'b', c: 'd' },
            { a: 'bc', d: '' },
          ],
        ],
      },
    );
  });

  test('when what a link leads to has changed', async () => {
    const [one, two] = ['one', 'two'].map((content) => {
      const directory = directoryWith({ a: '' });
      symlinkSync(directoryWith({ b: content }), join(directory, 'link'));
      return directory;
    });

    expect(await digestInputs(['.'], one!)).not.toBe(await digestInputs(['.'], two!));
  });
});

test.each(['nothing.sql', 'seed/nothing', 'broken', 'null'])(
  'an input that cannot be read is refused: %s',
  async (input) => {
    const base = directoryWith(files);
    mkdirSync(join(base, 'broken'));
    symlinkSync('nothing', join(base, 'broken/link'));
    symlinkSync('/dev/null', join(base, 'null'));

    await expect(digestInputs(['schema.sql', input], base)).rejects.toMatchObject({
      code: 'MAYFLY_INPUT_MISSING',
      service: 'postgres',
      phase: 'provision',
      message: expect.stringMatching(`^The input ${input} could not be read: .*\\. Correct the path`),
    });
  },
);

test('a URL of anything but a file is refused', async () => {
  await expect(digestInputs([new URL('https://example.org/a.sql')], '/')).rejects.toMatchObject({
    code: 'MAYFLY_INPUT_MISSING',
  });
});
