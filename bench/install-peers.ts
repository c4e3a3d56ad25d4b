import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from './run-process.ts';

/** The package that has the peers as its dependencies, and the programs that use them. */
export const peersDirectory: string = join(import.meta.dirname, 'peers');

type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;

/** Installs the peers that the lock file names, unless they are there. Says why where that fails. */
export async function installPeers(): Promise<string | undefined> {
  if (await isInstalled()) {
    return undefined;
  }
  console.error('Installing the peers in bench/peers (npm ci).');
  try {
    await runProcess('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersDirectory });
    return undefined;
  } catch (error) {
    return `the peers could not be installed: ${(error as Error).message}`;
  }
}

/** Whether npm's own record of what it installed, which it writes last, agrees with the lock file. */
async function isInstalled(): Promise<boolean> {
  try {
    const wanted = await packagesIn('package-lock.json');
    const found = await packagesIn(join('node_modules', '.package-lock.json'));
    const missing = Object.entries(wanted).filter(([path, { version }]) => found[path]?.version !== version);
    return missing.every(([path, { optional }]) => path === '' || (optional === true && found[path] === undefined));
  } catch {
    return false;
  }
}

async function packagesIn(lockFile: string): Promise<Packages> {
  const text = await readFile(join(peersDirectory, lockFile), 'utf8');
  return (JSON.parse(text) as { readonly packages: Packages }).packages;
}
