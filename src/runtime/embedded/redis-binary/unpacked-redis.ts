import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { serverNames, type RedisBinary } from './redis-binary.ts';
import { tryRedis, type Trial } from './try-redis.ts';

/** What came of trying the server in a directory into which packages were unpacked. */
export type UnpackedTrial =
  | { readonly works: true; readonly binary: Omit<RedisBinary, 'source'> }
  | Extract<Trial, { works: false }>;

/** Finds the server in a directory into which packages were unpacked, with the libraries beside it, and runs it once. */
export async function tryUnpacked(tree: string, signal: AbortSignal): Promise<UnpackedTrial> {
  const executable = await findServer(tree);
  if (executable === undefined) {
    return { works: false, reason: `${tree} holds no ${serverNames.join(' and no ')}` };
  }
  const libraryPath = await findLibraries(tree);
  const trial = await tryRedis(executable, libraryPath, signal);
  return trial.works
    ? { works: true, binary: { executable, libraryPath, flavour: trial.flavour, version: trial.version } }
    : trial;
}

async function findServer(tree: string): Promise<string | undefined> {
  for (const name of serverNames) {
    const candidate = join(tree, 'usr/bin', name);
    try {
      await access(candidate);
      return candidate;
    } catch {
      // The other package was taken.
    }
  }
  return undefined;
}

async function findLibraries(tree: string): Promise<string | undefined> {
  const directories = new Set<string>();
  for (const root of ['lib', 'usr/lib']) {
    const files = await readdir(join(tree, root), { recursive: true }).catch(() => []);
    for (const file of files.filter((name) => /\.so(\.|$)/.test(name)).sort()) {
      directories.add(dirname(join(tree, root, file)));
    }
  }
  return directories.size === 0 ? undefined : [...directories].join(':');
}
