import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listInstalledPackages } from './installed-packages.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mayfly-packages-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('installed packages are listed without what they ask for; Redis itself and what was removed are left out', async () => {
  const records = [
    'Package: libssl3\nStatus: hold ok installed\nVersion: 3.0.1\nArchitecture: amd64\nMulti-Arch: same\nDepends: broken\nDescription: s\n more',
    'Package: redis-tools\nStatus: install ok installed\nVersion: 7\nArchitecture: amd64',
    'Package: liblzf1\nStatus: deinstall ok config-files\nVersion: 3\nArchitecture: amd64',
    'Package: libfoo\nStatus: install ok half-installed\nVersion: 3\nArchitecture: amd64',
  ];
  await writeFile(join(directory, 'status'), `${records.join('\n\n')}\n`);

  expect(await listInstalledPackages(join(directory, 'status'))).toBe(
    'Package: libssl3\nVersion: 3.0.1\nArchitecture: amd64\nMulti-Arch: same\nStatus: install ok installed\n',
  );
});

test('on a machine without records nothing counts as installed', async () => {
  expect(await listInstalledPackages(join(directory, 'status'))).toBe('');
});
