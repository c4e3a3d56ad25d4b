import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeDirectory } from '../../../../fixtures/harness/directories.ts';
import { HeldEnvironment } from '../../../../fixtures/harness/held-environment.ts';
import { expectNothingLeft } from '../../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { canOthersRun, isRoot, ordinaryUser } from '../../../../fixtures/harness/users.ts';
import { cacheEntry } from './cache-entry.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe('an entry of the cache', () => {
  test('is built once, however many want it at the same time, and found again', async () => {
    const cache = makeDirectory();
    let builds = 0;
    const build = async (tree: string): Promise<void> => {
      builds += 1;
      await writeFile(join(tree, 'content'), 'whole');
    };

    const entries = await Promise.all(Array.from({ length: 5 }, () => cacheEntry(cache, 'entry', build)));
    const again = await cacheEntry(cache, 'entry', () => Promise.reject(new Error('built again')));

    expect(again.directory).toBe(join(cache, 'entry'));
    expect(entries).toEqual(Array(5).fill(again));
    expect(await readFile(join(again.directory, 'content'), 'utf8')).toBe('whole');
    expect(builds).toBeGreaterThan(0);
    expect(readdirSync(cache)).toEqual(['entry']);
  });

  test('does not come into being when its build fails', async () => {
    const cache = makeDirectory();
    const build = async (tree: string): Promise<void> => {
      await writeFile(join(tree, 'content'), 'half');
      throw new Error('no room');
    };

    await expect(cacheEntry(cache, 'entry', build)).rejects.toThrow('no room');
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe.skipIf((await isMissing('embedded')) || !(await canOthersRun()))('a cache', () => {
  test('that two processes fill at the same time serves both', async () => {
    const cache = makeDirectory();
    const env = { MAYFLY_CACHE_DIR: cache };
    await using first = new HeldEnvironment({ runtime: 'embedded', redis: false }, { env });
    await using second = new HeldEnvironment({ runtime: 'embedded', redis: false }, { env });

    for (const program of [first, second]) {
      expect(await program.report).toMatchObject({ runtime: 'embedded, named by the definition', notes: [] });
    }
    expect(readdirSync(cache).sort()).toEqual([
      expect.stringMatching(/^cluster-[0-9a-f]+$/),
      expect.stringMatching(/^postgres-[^/]+-[a-z]+-[a-z0-9]+$/),
    ]);
  });

  test.for([
    ['cannot be written', 0o555],
    ['cannot be read', 0o000],
  ] as const)('that %s is an error which names it', async ([, mode]) => {
    const cache = makeDirectory();
    const home = makeDirectory();
    chmodSync(home, 0o777);
    chmodSync(cache, mode);
    onTestFinished(() => chmodSync(cache, 0o755));
    const env = { MAYFLY_CACHE_DIR: cache, MAYFLY_STATE_DIR: join(home, 'state'), HOME: home };
    await using program = new HeldEnvironment({ runtime: 'embedded' }, { env, ...ordinaryUser });

    expect((await program.report).error).toMatchObject({
      code: 'MAYFLY_CACHE_UNUSABLE',
      message: expect.stringMatching(
        new RegExp(
          `^The cache directory ${cache}\\S* cannot be used: .*\\. Make it readable and writable, or name another`,
        ),
      ),
    });
  });

  test.runIf(isRoot)('that root keeps to itself is an error, because servers run as nobody', async () => {
    const home = makeDirectory();
    chmodSync(home, 0o700);

    await expect(cacheEntry(join(home, 'cache'), 'entry', () => Promise.resolve())).rejects.toMatchObject({
      code: 'MAYFLY_CACHE_UNUSABLE',
      message: expect.stringContaining('the user "nobody"'),
    });
    expect(readdirSync(home)).toEqual([]);
  });

  test('that is a file is an error which names it', async () => {
    const cache = join(makeDirectory(), 'cache');
    writeFileSync(cache, '');

    await expect(cacheEntry(cache, 'entry', () => Promise.resolve())).rejects.toMatchObject({
      code: 'MAYFLY_CACHE_UNUSABLE',
      message: expect.stringContaining(cache),
    });
  });
});
