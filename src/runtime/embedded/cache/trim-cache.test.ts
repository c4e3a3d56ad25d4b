import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from '../../../../fixtures/harness/directories.ts';
import { dropTrees, findExcess } from './trim-cache.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-06-01T00:00:00Z');
const ample = { age: 30 * day, size: 1_000 };

test('what was not used for too long is dropped, and nothing else', async () => {
  const cache = makeDirectory();
  fill(cache, 'cluster-old', { size: 10, idle: 31 * day });
  fill(cache, 'cluster-new', { size: 10, idle: 29 * day });
  fill(join(cache, 'redis'), 'debian-7', { size: 10, idle: 40 * day });
  fill(cache, 'somebody', { size: 10, idle: 400 * day });
  fill(cache, '.staging-1', { size: 10, idle: 400 * day });

  const excess = await findExcess(cache, ample, now);

  expect(excess).toEqual([
    { path: join(cache, 'redis', 'debian-7'), size: 10, lastUsed: now - 40 * day },
    { path: join(cache, 'cluster-old'), size: 10, lastUsed: now - 31 * day },
  ]);
  await dropTrees(excess);
  expect(readdirSync(join(cache, 'redis'))).toEqual([]);
  expect(readdirSync(cache)).toEqual(expect.arrayContaining(['cluster-new', 'redis', 'somebody']));
  expect(readdirSync(cache)).not.toContain('cluster-old');
});

test('of what is too much those go first that were used longest ago, but none that may be in use', async () => {
  const cache = makeDirectory();
  fill(cache, 'postgres-1', { size: 600, idle: 3 * day });
  fill(cache, 'postgres-2', { size: 600, idle: 2 * day });
  fill(cache, 'postgres-3', { size: 900, idle: day / 2 });

  const excess = await findExcess(cache, ample, now);

  expect(excess.map(({ path }) => path)).toEqual([join(cache, 'postgres-1'), join(cache, 'postgres-2')]);
  expect(await findExcess(cache, { ...ample, size: 1_600 }, now)).toMatchObject([{ size: 600 }]);
  expect(await findExcess(cache, { ...ample, size: 0 }, now)).toHaveLength(2);
});

test('a file that was read counts as used, however old it is', async () => {
  const cache = makeDirectory();
  fill(cache, 'cluster-read', { size: 10, idle: 400 * day });
  utimesSync(join(cache, 'cluster-read', 'file'), new Date(now), new Date(now - 400 * day));

  expect(await findExcess(cache, ample, now)).toEqual([]);
});

test('a cache that is not there has nothing to drop', async () => {
  expect(await findExcess(join(makeDirectory(), 'nowhere'), ample, now)).toEqual([]);
});

function fill(cache: string, name: string, { size, idle }: { size: number; idle: number }): void {
  const directory = join(cache, name);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'file');
  writeFileSync(file, 'x'.repeat(size));
  const then = new Date(now - idle);
  utimesSync(file, then, then);
  utimesSync(directory, then, then);
}
