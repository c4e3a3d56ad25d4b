import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dropEntry } from './drop-entry.ts';
import { identityOf } from './identity.ts';

/** An entry of the cache, such as the programs of one version of Postgres. */
export interface CachedTree {
  readonly path: string;
  /** What its files hold, in bytes. */
  readonly size: number;
  /** When one of its files was last read, in milliseconds since 1970: as well as the system keeps it, which may be to a day. */
  readonly lastUsed: number;
}

/** What a cache may keep. */
export interface CacheLimits {
  /** Of an entry since it was last used, in milliseconds. */
  readonly age: number;
  /** Of all entries together, in bytes: those used longest ago go first. */
  readonly size: number;
}

/** How long ago an entry has to have been used at the least to be dropped, in milliseconds: servers may run from it. */
const spared = 24 * 60 * 60 * 1000;

/** The entries of the cache that are beyond its limits; a cache that is not there has none. */
export async function findExcess(cache: string, limits: CacheLimits, now: number = Date.now()): Promise<CachedTree[]> {
  const entries = [
    ...(await treesIn(cache, (name) => /^(cluster|postgres)-/.test(name))),
    ...(await treesIn(join(cache, 'redis'))),
  ];
  return chooseExcess(entries, limits, now);
}

/** Drops entries, unless somebody has put others in their place. */
export async function dropTrees(trees: readonly CachedTree[]): Promise<void> {
  for (const { path } of trees) {
    await dropEntry({ directory: path, identity: await identityOf(path) });
  }
}

function chooseExcess(entries: readonly CachedTree[], limits: CacheLimits, now: number): CachedTree[] {
  const excess: CachedTree[] = [];
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const entry of entries.toSorted((one, other) => one.lastUsed - other.lastUsed)) {
    const idle = now - entry.lastUsed;
    if (idle > limits.age || (total > limits.size && idle > spared)) {
      excess.push(entry);
      total -= entry.size;
    }
  }
  return excess;
}

async function treesIn(directory: string, isOurs: (name: string) => boolean = () => true): Promise<CachedTree[]> {
  const names = await readdir(directory).catch(() => []);
  const trees = names.filter((name) => !name.startsWith('.') && isOurs(name));
  return Promise.all(trees.map((name) => measure(join(directory, name))));
}

async function measure(path: string): Promise<CachedTree> {
  const files = await readdir(path, { recursive: true, withFileTypes: true });
  const statuses = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => lstat(join(file.parentPath, file.name))),
  );
  const { mtimeMs } = await lstat(path);
  return {
    path,
    size: statuses.reduce((sum, { size }) => sum + size, 0),
    lastUsed: Math.max(mtimeMs, ...statuses.map(({ atimeMs }) => atimeMs)),
  };
}
