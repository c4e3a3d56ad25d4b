import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { makeDirectory } from '../../../../fixtures/harness/directories.ts';
import { cacheEntry, type CacheEntry } from './cache-entry.ts';
import { dropEntry } from './drop-entry.ts';
import { identityOf } from './identity.ts';

// As it is, but a test can have something happen right after a look.
vi.mock('./identity.ts', { spy: true });

let cache: string;

beforeEach(() => {
  cache = makeDirectory();
});

test('an entry that was dropped is gone, and the next to want it builds it anew', async () => {
  await dropEntry(await make('old'));

  expect(readdirSync(cache)).toEqual([]);
  expect(contentOf(await make('new'))).toBe('new');
});

test('an entry that somebody else has dropped is not missed', async () => {
  const entry = await make('old');
  await dropEntry(entry);

  await dropEntry(entry);

  expect(readdirSync(cache)).toEqual([]);
});

test('an entry that somebody else has made anew stays', async () => {
  const seen = await make('old');
  await dropEntry(seen);
  const remade = await make('new');

  await dropEntry(seen);

  expect(contentOf(remade)).toBe('new');
  expect(readdirSync(cache)).toEqual(['entry']);
});

test.for([
  ['makes it anew', 'new'],
  ['removes it', undefined],
] as const)('an entry is left to whoever %s in the instant between the look and the removal', async ([, content]) => {
  const seen = await make('old');
  vi.mocked(identityOf).mockImplementationOnce(async () => {
    rmSync(seen.directory, { recursive: true });
    if (content !== undefined) {
      await make(content);
    }
    return seen.identity;
  });

  await dropEntry(seen);

  expect(readdirSync(cache)).toEqual(content === undefined ? [] : ['entry']);
  expect(content === undefined ? undefined : contentOf(seen)).toBe(content);
});

/** The entry as it is found, or built with this content. */
async function make(content: string): Promise<CacheEntry> {
  return cacheEntry(cache, 'entry', (tree) => writeFile(join(tree, 'content'), content));
}

function contentOf({ directory }: CacheEntry): string {
  return readFileSync(join(directory, 'content'), 'utf8');
}
