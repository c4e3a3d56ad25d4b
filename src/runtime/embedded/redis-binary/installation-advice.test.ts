import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isDebianLike, readDistribution, type Distribution } from './distribution.ts';
import { installationAdvice } from './installation-advice.ts';
import { findPackageArchive } from './package-archive.ts';

test.each([
  ['Alpine', 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.0', 'apk add redis'],
  ['Fedora', 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=43', 'dnf install valkey'],
  ['Rocky Linux', 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"', 'dnf install redis'],
  ['openSUSE', 'NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"', 'zypper install redis'],
  ['Arch', 'NAME="Arch Linux"\nID=arch', 'pacman -S valkey'],
])('on %s the advice is its own package manager, and no download is tried', async (_, text, command) => {
  const distribution = await described(text);

  expect(installationAdvice('linux', distribution)).toContain(`\`${command}\``);
  expect(await findPackageArchive(distribution, '/usr/bin')).toContain(distribution?.name);
});

test('on macOS the advice is Homebrew, and elsewhere to set the variable', () => {
  expect(installationAdvice('darwin', undefined)).toContain('`brew install redis`');
  expect(installationAdvice('win32', undefined)).toMatch(/^Install Redis or Valkey, or set MAYFLY_REDIS_BINARY/);
});

test('a machine without an os-release file has no distribution', async () => {
  expect(await readDistribution('/no/such/file')).toBeUndefined();
});

test('a distribution that derives from Ubuntu is known by both names', async () => {
  const mint = await described(
    'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
  );

  expect(mint).toEqual({
    name: 'Linux Mint',
    ids: ['linuxmint', 'ubuntu', 'debian'],
    codenames: ['wilma', 'noble'],
    platform: `linuxmint-wilma-${process.arch}`,
  });
  expect(isDebianLike(mint!)).toBe(true);
});

async function described(text: string): Promise<Distribution | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'mayfly-os-release-'));
  try {
    await writeFile(join(directory, 'os-release'), text);
    return await readDistribution(join(directory, 'os-release'));
  } finally {
    await rm(directory, { recursive: true });
  }
}
