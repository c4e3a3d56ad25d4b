import { appendFileSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { OwnedResource } from '../service/ownership.ts';
import type { ProcessIdentity } from '../system/process-identity.ts';
import { ownerSchema, type Owner } from './owner.ts';

/** The format of the lines below. Raised when an older Mayfly could no longer read them. */
export const manifestVersion = 1;

/** Who a session belongs to. */
export interface ManifestHead {
  readonly type: 'session';
  readonly version: typeof manifestVersion;
  readonly id: string;
  readonly owner: Owner;
  /** The directory that the run was started in. */
  readonly project: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A resource as it is written down: a process with its identity, so that a later one with its number is safe. */
export type RecordedResource =
  | Exclude<OwnedResource, { kind: 'process' | 'command' }>
  | { readonly kind: 'process'; readonly directory: string; readonly process?: ProcessIdentity | undefined }
  | { readonly kind: 'command'; readonly process: ProcessIdentity; readonly isGroup: boolean };

/** One line of a manifest. */
export type ManifestLine =
  | ManifestHead
  | { readonly type: 'own'; readonly key: string; readonly resource: RecordedResource }
  | { readonly type: 'disown'; readonly key: string };

// To kill(2) lower numbers mean everybody, a group, or the first process of all.
const identitySchema = z.object({ pid: z.int().min(2), startTime: z.string().optional() });

const resourceSchema: z.ZodType<RecordedResource> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), path: z.string() }),
  z.object({ kind: z.literal('process'), directory: z.string(), process: identitySchema.optional() }),
  z.object({ kind: z.literal('command'), process: identitySchema, isGroup: z.boolean() }),
  z.object({ kind: z.literal('containers'), label: z.string(), value: z.string() }),
  z.object({ kind: z.literal('database'), url: z.string(), name: z.string() }),
  z.object({ kind: z.literal('leases'), service: z.enum(['postgres', 'redis']), details: z.looseObject({}) }),
]);

const lineSchema: z.ZodType<ManifestLine> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('session'),
    version: z.literal(manifestVersion),
    id: z.string(),
    owner: ownerSchema,
    project: z.string(),
    createdAt: z.iso.datetime(),
  }),
  z.object({ type: z.literal('own'), key: z.string(), resource: resourceSchema }),
  z.object({ type: z.literal('disown'), key: z.string() }),
]);

/** What a session's manifest says. */
export interface Manifest {
  readonly head: ManifestHead;
  /** What it owns, by key, in the order in which it was made. */
  readonly resources: ReadonlyMap<string, RecordedResource>;
}

/** Adds one line to a file, by its name or opened. It is on its way to the disk before the resource is made, so a crash in between leaves a record. */
export function appendToManifest(file: string | number, line: ManifestLine): void {
  // On a line of its own even after one that was cut off, as by a disk that is full.
  appendFileSync(file, `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
}

/**
 * Reads a manifest, whenever its writer stopped: a last line that is cut off was not followed by anything, and counts
 * as not written. `undefined` where there is no whole head.
 */
export function readManifest(file: string): Manifest | undefined {
  const lines = parseLines(readText(file));
  const head = lines.find((line) => line.type === 'session');
  if (head === undefined) {
    return undefined;
  }
  const resources = new Map<string, RecordedResource>();
  for (const line of lines) {
    if (line.type === 'own') {
      resources.set(line.key, line.resource);
    } else if (line.type === 'disown') {
      resources.delete(line.key);
    }
  }
  return { head, resources };
}

/** Whether there is no whole line in a manifest: then its owner has made nothing yet. */
export function isBlank(file: string): boolean {
  const [, ...whole] = readText(file).split('\n').reverse();
  return whole.every((line) => line === '');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parseLines(text: string): ManifestLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [lineSchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
