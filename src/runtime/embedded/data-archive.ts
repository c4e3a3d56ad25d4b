import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnv } from '../../config/process-env.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';

const run = promisify(execFile);

/**
 * Packs a directory's content with owners and modes. An archive, because one large file is read and a thousand small
 * ones written in half the time of a copy (measured: 30 ms to 55 ms).
 */
export async function packDirectory(directory: string, archive: string, signal: AbortSignal): Promise<void> {
  await run('tar', ['--create', '--file', archive, '--directory', directory, '.'], { signal });
}

/**
 * Unpacks an archive into an existing directory; `false` when the archive is damaged.
 *
 * @throws MayflyError `MAYFLY_DISK_UNUSABLE` when the directory cannot be written.
 */
export async function unpackArchive(archive: string, directory: string, signal: AbortSignal): Promise<boolean> {
  try {
    // In English, because what it complains of is looked at below.
    const options = { signal, env: childEnv({ LC_ALL: 'C' }) };
    await run('tar', ['--extract', '--numeric-owner', '--file', archive, '--directory', directory], options);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = '' } = error as { readonly stderr?: string };
    if (!/No space left|Read-only file system|quota|Permission denied/.test(stderr)) {
      return false;
    }
    throw new MayflyError('MAYFLY_DISK_UNUSABLE', {
      message: `The data directory could not be written: ${stderr.split('\n')[0] ?? reasonOf(error)}.`,
      remedy: 'Make room there, or name another directory in MAYFLY_DATA_DIR.',
      service: 'postgres',
      phase: 'start',
      cause: error,
    });
  }
}
