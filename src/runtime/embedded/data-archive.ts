import { resolve } from 'node:path';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { runCommand, type CommandOutcome } from './run-command.ts';

/** How long packing or unpacking may take, in milliseconds; 40 were measured. */
const deadline = 60_000;

/**
 * Packs a directory's content with owners and modes. An archive, because one large file is read and a thousand small
 * ones written in half the time of a copy (measured: 30 ms to 55 ms).
 *
 * @throws MayflyError `MAYFLY_DISK_UNUSABLE`.
 */
export async function packDirectory(directory: string, archive: string, signal: AbortSignal): Promise<void> {
  const outcome = await tar(['--create', '--file', resolve(archive), '--directory', resolve(directory), '.'], signal);
  if (!hasSucceeded(outcome)) {
    throw unwritable(outcome);
  }
}

/**
 * Unpacks an archive into an existing directory.
 *
 * @returns why the archive is damaged, in tar's words; `undefined` when it is not.
 * @throws MayflyError `MAYFLY_DISK_UNUSABLE` when the directory cannot be written.
 */
export async function unpackArchive(
  archive: string,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const parameters = ['--extract', '--numeric-owner', '--file', resolve(archive), '--directory', resolve(directory)];
  const outcome = await tar(parameters, signal);
  if (hasSucceeded(outcome)) {
    return undefined;
  }
  if (outcome.ending !== 'exited' || /No space|Read-only|quota|Permission denied/.test(outcome.stderr)) {
    throw unwritable(outcome);
  }
  return firstLine(outcome.stderr) ?? `tar ended with exit code ${outcome.exitCode}`;
}

/** In English, because what it complains of is looked at. */
async function tar(parameters: readonly string[], signal: AbortSignal): Promise<CommandOutcome> {
  return runCommand('env', ['LC_ALL=C', 'tar', ...parameters], { signal, deadline });
}

function hasSucceeded(outcome: CommandOutcome): boolean {
  return outcome.ending === 'exited' && outcome.exitCode === 0;
}

function unwritable(outcome: CommandOutcome): MayflyError {
  const complaint = outcome.ending === 'unrunnable' ? outcome.reason : outcome.stderr;
  const reason = firstLine(complaint) ?? 'it took too long';
  return new MayflyError('MAYFLY_DISK_UNUSABLE', {
    message: `The data directory could not be written: ${reason}.`,
    remedy: 'Make room there, or name another directory in MAYFLY_DATA_DIR.',
    service: 'postgres',
    phase: 'start',
  });
}

function firstLine(text: string): string | undefined {
  return text.split('\n').find((line) => line.trim() !== '');
}
