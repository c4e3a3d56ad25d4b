import { runCommand } from '../run-command.ts';
import type { PackageArchive } from './package-archive.ts';
import { layOutApt, type PrivateApt } from './private-apt.ts';
import { serverNames } from './redis-binary.ts';

/** Packages as apt fetched them, each checked against the archive's signed index; or in apt's words why it could not. */
export type Fetched =
  | { readonly fetched: true; readonly directory: string }
  | { readonly fetched: false; readonly output: readonly string[] };

/** What fetching is given. */
export interface FetchOptions {
  readonly archive: PackageArchive;
  /** Does not exist yet; whoever calls removes it. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** Milliseconds for one call of apt-get: it takes 1 or 2 seconds, or one minute on a slow line. */
const deadline = 120_000;

/** Fetches the package of a Redis server, Valkey's where there is no other, and what it depends on that is missing here. */
export async function fetchPackages({ archive, directory, signal, onProgress }: FetchOptions): Promise<Fetched> {
  const apt = await layOutApt(directory, archive);
  const complaints: string[] = [];
  const aptGet = async (...command: string[]): Promise<string | undefined> => {
    const { complaint, stdout } = await callApt(archive.aptGet, apt, command, signal);
    complaints.push(...complaint);
    return stdout;
  };
  onProgress(`looking for Redis in ${archive.name}`);
  // Not decisive: one of several archives may be out of reach, and what the system knew already may be enough.
  await aptGet('update');
  for (const name of serverNames) {
    const plan = await aptGet('install', '--print-uris', name);
    if (plan === undefined) {
      continue;
    }
    onProgress(`fetching ${name} from ${archive.name} (${megabytesIn(plan)} MB)`);
    const done = await aptGet('install', '--download-only', name);
    return done === undefined ? { fetched: false, output: complaints } : { fetched: true, directory: apt.archives };
  }
  return { fetched: false, output: complaints };
}

interface AptAnswer {
  /** What it printed, where it succeeded. */
  readonly stdout: string | undefined;
  readonly complaint: readonly string[];
}

async function callApt(
  aptGet: string,
  { options }: PrivateApt,
  command: readonly string[],
  signal: AbortSignal,
): Promise<AptAnswer> {
  const outcome = await runCommand(aptGet, [...options, ...command], { signal, deadline });
  if (outcome.ending === 'unrunnable') {
    return { stdout: undefined, complaint: [`${aptGet} cannot be run: ${outcome.reason}`] };
  }
  const complaint = outcome.stderr.split('\n').filter((line) => line.trim() !== '');
  if (outcome.ending === 'late') {
    const late = `apt-get ${command.join(' ')} did not end within ${deadline / 1000} s`;
    return { stdout: undefined, complaint: [...complaint, late] };
  }
  return { stdout: outcome.exitCode === 0 ? outcome.stdout : undefined, complaint };
}

// Each line: 'address' file-name bytes checksum.
function megabytesIn(plan: string): string {
  const sizes = Array.from(plan.matchAll(/^'.*' \S+ (\d+)/gm), ([, bytes]) => Number(bytes));
  return (sizes.reduce((sum, bytes) => sum + bytes, 0) / 1e6).toFixed(1);
}
