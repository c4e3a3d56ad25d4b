import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withStaging } from './staging.ts';

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'mayfly-staging-'));
});

afterEach(async () => {
  await rm(cache, { recursive: true });
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
  expect(await readdir(cache)).toEqual([]);
});

test('any other failure of the work stays what it is', async () => {
  const failure = new Error('enough');

  await expect(withStaging(cache, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await readdir(cache)).toEqual([]);
});
