import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readProcessEnv } from '../../config/process-env.ts';
import { connectDocker } from '../../runtime/docker/client.ts';
import { removeSession } from '../../runtime/docker/remove-session.ts';
import { removeSharedMemory } from '../../runtime/embedded/shared-memory.ts';
import { dropRunDatabase } from '../../runtime/external/run-database.ts';
import { endAbandonedCommand, endServer } from '../../session/end-processes.ts';
import type { RecordedResource } from '../../session/manifest.ts';
import { endLeases, type LeaseServer } from '../leases/end-leases.ts';

type Kind = RecordedResource['kind'];

interface Context {
  readonly session: string;
  readonly signal: AbortSignal;
}

type TakeAway = {
  readonly [K in Kind]: (resource: Extract<RecordedResource, { readonly kind: K }>, context: Context) => Promise<void>;
};

/** In this order: who would go on using something ends before it goes, and who writes into a directory before that does. */
const order: readonly (readonly Kind[])[] = [
  ['command'],
  ['process', 'containers', 'leases'],
  ['database', 'directory'],
];

/** What is heavy to load is loaded where there is something for it to do. */
const takeAway: TakeAway = {
  command: endAbandonedCommand,
  process: async (server, { signal }) => {
    await endServer(server, signal);
    // Where it had to be killed.
    await removeSharedMemory(join(server.directory, 'data'));
  },
  containers: async ({ label, value }, { signal }) => {
    const client = await connectDocker(readProcessEnv().docker, signal);
    await removeSession(client, { label, value }, signal);
  },
  leases: (server, { session }) => endLeases(server as unknown as LeaseServer, session),
  database: ({ url, name }) => dropRunDatabase(url, name),
  directory: ({ path }) => rm(path, { recursive: true, force: true, maxRetries: 3 }),
};

/** Whatever a record says, nothing is touched that does not carry the session's name. */
function isNamedAfter(session: string, resource: RecordedResource): boolean {
  switch (resource.kind) {
    case 'directory':
      return basename(resource.path).startsWith(`mayfly-${session}-`);
    case 'process':
      return basename(resource.directory).startsWith(`mayfly-${session}-`);
    case 'containers':
      return resource.value === session;
    case 'database':
      return resource.name === `mayfly_${session}`;
    case 'command':
    case 'leases':
      return true;
  }
}

/** What could not be taken away, and why. */
export interface Failure {
  readonly resource: RecordedResource;
  readonly error: unknown;
}

/** Takes away what a session owns, all of it even where some cannot be. What is gone already counts as taken away. */
export async function takeAwayAll(
  session: string,
  resources: Iterable<RecordedResource>,
  signal: AbortSignal,
): Promise<readonly Failure[]> {
  const all = [...resources].filter((resource) => isNamedAfter(session, resource));
  const failures: Failure[] = [];
  for (const kinds of order) {
    const next = all.filter(({ kind }) => kinds.includes(kind));
    await Promise.all(
      next.map(async (resource) => {
        try {
          // One of each kind of resource is given to that of its kind.
          const take = takeAway[resource.kind] as (one: RecordedResource, context: Context) => Promise<void>;
          await take(resource, { session, signal });
        } catch (error) {
          failures.push({ resource, error });
        }
      }),
    );
  }
  return failures;
}
