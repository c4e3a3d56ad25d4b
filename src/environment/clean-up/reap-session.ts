import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { pause } from '../../service/pause.ts';
import { Claim } from '../../session/claim.ts';
import { isBlank, readManifest, type Manifest, type RecordedResource } from '../../session/manifest.ts';
import { ranBefore } from '../../session/owner.ts';
import { manifestFile } from '../../session/session-files.ts';
import { takeAwayAll, type Failure } from './take-away.ts';

/**
 * For how long what an owner began may still come into being after its end, in milliseconds: a container that Docker was
 * asked for, a database that a server copies. Where somebody hangs, from when it answers again.
 */
const settling = 1_000;

/** How long is waited between two rounds, in milliseconds. */
const interval = 200;

/** What became of a session whose owner has gone. */
export type Reaped =
  /** Nothing of it is left. */
  | { readonly outcome: 'gone' }
  /** Another process is at it. */
  | { readonly outcome: 'busy' }
  /** It was given up: its record stays, for the next sweep. */
  | { readonly outcome: 'failed'; readonly failures: readonly Failure[] };

/**
 * Takes away what the session in a directory owns, and its record last. Goes on trying what fails for `patience`
 * milliseconds, or until `signal` is aborted. Any number of processes may do so at the same time.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE` where another version of Mayfly wrote the record: it stays.
 */
export async function reapSession(
  directory: string,
  { patience, signal }: { readonly patience: number; readonly signal: AbortSignal },
): Promise<Reaped> {
  const claim = new Claim(join(directory, 'reaper.json'));
  try {
    if (!claim.take()) {
      return { outcome: 'busy' };
    }
  } catch {
    if (!existsSync(directory)) {
      return { outcome: 'gone' };
    }
    // As on a disk that is full, which is all the more reason to go on.
  }
  const begun = performance.now();
  let answeredAt = begun;
  let failures: readonly Failure[] = [];
  do {
    // Read anew: other processes of the run may not have ended yet.
    const file = join(directory, manifestFile);
    const manifest = readManifest(file);
    if (manifest === undefined && !isBlank(file)) {
      throw unreadable(file);
    }
    const asked = performance.now();
    failures = await takeAwayAll(basename(directory), manifest === undefined ? [] : leftOf(manifest), signal);
    const now = performance.now();
    // Who was late to answer us may be late with what the owner asked of it, too.
    answeredAt = failures.length > 0 || now - asked > settling ? now : answeredAt;
    const isSettled = manifest === undefined || now - answeredAt > settling;
    if (failures.length === 0 && isSettled) {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      return { outcome: 'gone' };
    }
    if (failures.length > 0 && now - begun > patience) {
      break;
    }
    await pause(interval, signal).catch(() => {});
  } while (!signal.aborted);
  claim.release();
  return { outcome: 'failed', failures };
}

function leftOf({ head, resources }: Manifest): RecordedResource[] {
  const all = [...resources.values()];
  return ranBefore(head.owner) ? all.filter(({ kind }) => kind !== 'command' && kind !== 'process') : all;
}

function unreadable(file: string): MayflyError {
  return new MayflyError('MAYFLY_SESSION_UNSAFE', {
    message: `The record ${file} cannot be read by this version of Mayfly.`,
    remedy: 'Sweep with the version that wrote it, or remove what it lists and then its directory.',
    phase: 'stop',
  });
}
