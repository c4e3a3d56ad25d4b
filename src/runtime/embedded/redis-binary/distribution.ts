import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

/** A Linux distribution as os-release(5) describes it. */
export interface Distribution {
  /** Such as `Debian`. */
  readonly name: string;
  /** Its own id and those of the distributions that it derives from, nearest first: `['linuxmint', 'ubuntu', 'debian']`. */
  readonly ids: readonly string[];
  /** Its own codename and those of the distributions that it derives from, nearest first: `['wilma', 'noble']`. */
  readonly codenames: readonly string[];
  /** What its binaries are good for: id, codename and processor, such as `debian-bookworm-x64`. */
  readonly platform: string;
}

/** Reads the distribution from a file in the format of os-release(5); `undefined` where there is none, as on macOS. */
export async function readDistribution(osRelease = '/etc/os-release'): Promise<Distribution | undefined> {
  let text: string;
  try {
    text = await readFile(osRelease, 'utf8');
  } catch {
    return undefined;
  }
  const field = parseEnv(text);
  const id = field.ID ?? 'linux';
  const codename = field.VERSION_CODENAME ?? field.VERSION_ID ?? 'unversioned';
  return {
    name: (field.NAME ?? id).replace(' GNU/Linux', ''),
    ids: [id, ...(field.ID_LIKE ?? '').split(' ')].filter((word) => word !== ''),
    codenames: [field.VERSION_CODENAME, field.UBUNTU_CODENAME, field.DEBIAN_CODENAME].filter(
      (word) => word !== undefined && word !== '',
    ) as string[],
    platform: [id, codename, process.arch].join('-').replaceAll(/[^\w.-]/g, '_'),
  };
}

/** Whether it is Debian or Ubuntu, or derives from one of them. */
export function isDebianLike({ ids }: Distribution): boolean {
  return ids.includes('debian') || ids.includes('ubuntu');
}
