import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseSources, type SourceFile } from './apt-sources.ts';
import { listInstalledPackages } from './installed-packages.ts';
import type { PackageArchive } from './package-archive.ts';

const configuration = '/etc/apt';
const systemLists = '/var/lib/apt/lists';

/**
 * Read after the system's own apt.conf files, whose proxies, mirrors and keys stay in force. What is cleared are the
 * commands that apt would run on the system's behalf (Docker's images delete the system's archives in one) and the
 * indexes that only desktop and search programs read. Fewer retries than usual, because somebody waits to be told that
 * the archive is out of reach. See apt.conf(5).
 */
const settings = `
#clear APT::Update;
#clear DPkg;
#clear Acquire::IndexTargets::deb;
Acquire::IndexTargets::deb::Packages {
  MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
  flatMetaKey "Packages";
  ShortDescription "Packages";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
  flatDescription "$(RELEASE) Packages";
  Optional "0";
};
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "1";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowReleaseInfoChange "true";
APT::Get::AllowUnauthenticated "false";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
Debug::NoLocking "true";
`;

// What dpkg calls the processors for which this is certain; elsewhere apt finds out, and may fetch foreign indexes too.
const dpkgArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** An apt all of whose state is its own: it works as any user, and changes nothing of the system's. */
export interface PrivateApt {
  /** What comes before the command in each call of apt-get. */
  readonly options: readonly string[];
  /** Where downloaded packages end up. */
  readonly archives: string;
}

/** Lays out a private apt in a new directory, beginning with what the system's own apt knows already. */
export async function layOutApt(home: string, { distribution }: PackageArchive): Promise<PrivateApt> {
  const at = (name: string): string => join(home, name);
  for (const name of ['', 'sources', 'state', 'lists', 'cache', 'archives']) {
    await mkdir(at(name));
    // Whatever the umask: as root, apt fetches as an unprivileged user, who must be able to come in.
    await chmod(at(name), 0o755);
  }
  await writeFile(at('apt.conf'), settings);
  await writeFile(at('status'), await listInstalledPackages());
  const sources = chooseSources(await readSources(), distribution);
  for (const { name, text } of sources) {
    await writeFile(join(at('sources'), name), text);
  }
  await copyLists(at('lists'), distribution.codenames);
  const architecture = dpkgArchitectures[process.arch];
  const values = {
    'Dir::State': at('state'),
    'Dir::State::lists': at('lists'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'Dir::Cache::archives': at('archives'),
    'Dir::Cache::pkgcache': at('cache/packages.bin'),
    'Dir::Cache::srcpkgcache': at('cache/source-packages.bin'),
    ...(architecture !== undefined && { 'APT::Architectures': architecture }),
    ...(sources.length > 0 && { 'Dir::Etc::sourcelist': '/dev/null', 'Dir::Etc::sourceparts': at('sources') }),
  };
  const options = Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return { options: ['-qq', '-c', at('apt.conf'), ...options], archives: at('archives') };
}

async function readSources(): Promise<SourceFile[]> {
  const parts = await readdir(join(configuration, 'sources.list.d')).catch(() => []);
  const names = ['sources.list', ...parts.map((name) => join('sources.list.d', name))];
  const files: SourceFile[] = [];
  for (const name of names.filter((candidate) => /\.(list|sources)$/.test(candidate))) {
    // One that we may not read is one that apt, as us, could not read either.
    const text = await readFile(join(configuration, name), 'utf8').catch(() => '');
    files.push({ name, text });
  }
  return files;
}

// Saves fetching the indexes, some 10 to 20 MB, that have not changed since the system's last `apt-get update`. apt
// believes what is in its lists; these are root's, and the machine's own packages come from the same.
async function copyLists(lists: string, codenames: readonly string[]): Promise<void> {
  const names = await readdir(systemLists).catch(() => []);
  const useful = names.filter(
    (name) =>
      /_(InRelease|Release|Release\.gpg|Packages(\.\w+)?)$/.test(name) &&
      codenames.some((codename) => name.includes(`_dists_${codename}`)),
  );
  await Promise.all(useful.map((name) => copyFile(join(systemLists, name), join(lists, name)).catch(() => {})));
}
