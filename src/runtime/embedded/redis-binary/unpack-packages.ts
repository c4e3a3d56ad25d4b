import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';

/** Milliseconds for one package; the largest takes 50. */
const deadline = 30_000;

/**
 * Unpacks every package of a directory into one tree, without running any of their scripts. Afterwards anybody can read
 * it, and nothing in it has more rights than whoever runs it.
 *
 * @returns why it failed, in dpkg's words; `undefined` when it did not.
 */
export async function unpackPackages(
  dpkgDeb: string,
  packages: string,
  tree: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  await mkdir(tree);
  for (const name of await readdir(packages)) {
    // A C library other than the running system's does not work with the system's loader.
    if (!name.endsWith('.deb') || name.startsWith('libc6_')) {
      continue;
    }
    const outcome = await runCommand(dpkgDeb, ['--extract', join(packages, name), tree], { signal, deadline });
    if (outcome.ending !== 'exited' || outcome.exitCode !== 0) {
      const complaint = outcome.ending === 'unrunnable' ? outcome.reason : outcome.stderr.trim();
      return [`${name} could not be unpacked`, ...complaint.split('\n')];
    }
  }
  await openToAll(tree);
  return undefined;
}

// The umask, or a package's set-user-id program, may have made it otherwise.
async function openToAll(path: string): Promise<void> {
  const status = await lstat(path);
  if (status.isSymbolicLink()) {
    return;
  }
  await chmod(path, status.isDirectory() || (status.mode & 0o111) !== 0 ? 0o755 : 0o644);
  if (status.isDirectory()) {
    await Promise.all((await readdir(path)).map((name) => openToAll(join(path, name))));
  }
}
