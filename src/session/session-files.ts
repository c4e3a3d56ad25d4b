import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readManifest, type ManifestHead } from './manifest.ts';
import { presenceOf } from './owner.ts';

/** The file in a session's directory that lists what it owns. */
export const manifestFile = 'manifest.jsonl';

/** The file in which a session that is ready says how its environment is reached. */
const descriptionFile = 'environment.json';

/** The socket on which a session that runs in the background answers questions. */
export const controlSocket = 'control.sock';

/** How an environment is reached: plain data, passwords included. */
export interface Description {
  readonly session: string;
  /** Where servers run and why. */
  readonly runtime: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
  /** How leases are taken; the environment says what it is. */
  readonly leases?: unknown;
  /** Whether its owner prints how a server died, log lines included: then nobody else need do so. */
  readonly tellsOfDeaths?: boolean | undefined;
}

const descriptionSchema: z.ZodType<Description> = z.object({
  session: z.string(),
  runtime: z.string(),
  details: z.record(z.string(), z.unknown()),
  variables: z.record(z.string(), z.string()),
  leases: z.unknown().optional(),
  tellsOfDeaths: z.boolean().optional(),
});

/** A session as others find it. */
export interface FoundSession {
  readonly head: ManifestHead;
  readonly directory: string;
  /** `undefined` until its environment is ready. */
  readonly description: Description | undefined;
}

/** Writes the description so that nobody ever reads half of it. */
export function writeDescription(directory: string, description: Description): void {
  const file = join(directory, descriptionFile);
  writeFileSync(`${file}.new`, JSON.stringify(description), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The sessions whose owners still run. */
export function runningSessions(stateDirectory: string): FoundSession[] {
  return idsIn(stateDirectory).flatMap((id) => findSession(stateDirectory, id) ?? []);
}

/** The session with this id, or `undefined` if there is none or its owner has gone. */
export function findSession(stateDirectory: string, id: string): FoundSession | undefined {
  const directory = join(stateDirectory, 'sessions', id);
  const manifest = readManifest(join(directory, manifestFile));
  if (manifest === undefined || presenceOf(manifest.head.owner) !== 'running') {
    return undefined;
  }
  return { head: manifest.head, directory, description: readDescription(directory) };
}

function idsIn(stateDirectory: string): string[] {
  try {
    return readdirSync(join(stateDirectory, 'sessions'));
  } catch {
    return [];
  }
}

function readDescription(directory: string): Description | undefined {
  try {
    return descriptionSchema.parse(JSON.parse(readFileSync(join(directory, descriptionFile), 'utf8')));
  } catch {
    return undefined;
  }
}
