import { mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { makeDirectory } from '../../../../fixtures/harness/directories.ts';
import { withStaging } from './staging.ts';

let cache: string;

beforeEach(() => {
  cache = makeDirectory();
});

test('the cache is made where it is missing, and others can enter what is made in it', async () => {
  const missing = join(cache, 'not/there/yet');

  const mode = await withStaging(missing, async (staging) => statSync(staging).mode);

  expect(mode & 0o777).toBe(0o755);
  expect(readdirSync(missing)).toEqual([]);
});

test("a file that cannot be written or read in the course of the work is the cache's fault, and nothing is left", async () => {
  const work = withStaging(cache, async (staging) => {
    await writeFile(join(staging, 'half'), '');
    await readFile(join(staging, 'other half'));
  });

  await expect(work).rejects.toMatchObject({
    code: 'MAYFLY_CACHE_UNUSABLE',
    message: expect.stringContaining('ENOENT'),
  });
  expect(readdirSync(cache)).toEqual([]);
});

test('any other failure of the work stays what it is', async () => {
  const failure = new Error('enough');

  await expect(withStaging(cache, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(readdirSync(cache)).toEqual([]);
});

test('what a dead one left is removed once it is old, and nothing else is', async () => {
  const anHourAgo = Date.now() / 1000 - 3600;
  for (const name of ['.staging-abandoned', '.staging-recent', 'entry']) {
    mkdirSync(join(cache, name, 'tree'), { recursive: true });
  }
  utimesSync(join(cache, '.staging-abandoned'), anHourAgo, anHourAgo);
  utimesSync(join(cache, 'entry'), anHourAgo, anHourAgo);

  await withStaging(cache, async () => {});

  expect(readdirSync(cache).sort()).toEqual(['.staging-recent', 'entry']);
});
