import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSurface } from '../scripts/public-surface.ts';

// The public surface is written down in __snapshots__/api, so that a change of it shows in review. It is read from the
// declarations in dist: build first; `vitest run src/api.test.ts --update` writes it down anew.

const root = join(import.meta.dirname, '..');
const snapshots = join(import.meta.dirname, '__snapshots__', 'api');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};
const entries = Object.entries(manifest.exports).flatMap(([path, target]) => {
  const entry = join('mayfly', path);
  return typeof target === 'string' ? [] : { entry, file: target.types, snapshot: `${entry.replaceAll('/', '-')}.txt` };
});

test.each(entries)('$entry exports what $snapshot says', async ({ file, snapshot }) => {
  await expect(describeSurface(join(root, file))).toMatchFileSnapshot(join(snapshots, snapshot));
});

test('no entry has been dropped', () => {
  expect(entries.map(({ snapshot }) => snapshot)).toEqual(expect.arrayContaining(globSync('*', { cwd: snapshots })));
});
