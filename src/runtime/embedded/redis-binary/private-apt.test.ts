import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PackageArchive } from './package-archive.ts';
import { layOutApt } from './private-apt.ts';
import { findOnPath } from './search-path.ts';

const [aptConfig] = await findOnPath('apt-config', '/usr/bin');
if (aptConfig === undefined) {
  process.stderr.write("skipped: apt's settings: this machine has no apt-config\n");
}

const archive: PackageArchive = {
  name: 'the Debian archive',
  distribution: { name: 'Debian', ids: ['debian'], codenames: ['bookworm'], platform: 'debian-bookworm-x64' },
  aptGet: '/usr/bin/apt-get',
  dpkgDeb: '/usr/bin/dpkg-deb',
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mayfly-apt-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test.skipIf(aptConfig === undefined)(
  "the system's proxy holds, and none of the commands that it hangs on apt is run",
  async () => {
    const system = join(directory, 'apt.conf');
    const hooks = [
      'APT::Update::Pre-Invoke',
      'APT::Update::Post-Invoke',
      'APT::Update::Post-Invoke-Success',
      'DPkg::Post-Invoke',
    ];
    const lines = [
      ...hooks.map((hook) => `${hook} { "touch ${directory}/ran"; };`),
      'Acquire::http::Proxy "http://proxy.test";',
    ];
    await writeFile(system, lines.join('\n'));

    const { options } = await layOutApt(join(directory, 'private'), archive);

    const settings = await dump(options, system);
    expect(settings).toContain('Acquire::http::Proxy "http://proxy.test";');
    expect(settings).not.toMatch(/Invoke/);
  },
);

test.skipIf(aptConfig === undefined)('every place where apt writes is within the directory', async () => {
  const home = join(directory, 'private');
  const { options, archives } = await layOutApt(home, archive);

  const settings = await dump(options);

  expect(archives).toBe(join(home, 'archives'));
  for (const name of [
    'Dir::State',
    'Dir::State::lists',
    'Dir::Cache',
    'Dir::Cache::archives',
    'Dir::Cache::pkgcache',
  ]) {
    expect(settings).toMatch(new RegExp(`^${name} "${home}/.+";$`, 'm'));
  }
});

async function dump(options: readonly string[], aptConf = '/dev/null'): Promise<string> {
  // apt-config knows no -qq.
  const args = options.filter((option) => option !== '-qq');
  const { stdout } = await promisify(execFile)('/usr/bin/env', [`APT_CONFIG=${aptConf}`, aptConfig!, ...args, 'dump']);
  return stdout;
}
