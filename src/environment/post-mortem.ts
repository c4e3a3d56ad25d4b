import { join } from 'node:path';
import { readProcessEnv } from '../config/process-env.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import { noRoom, saysNoRoom } from '../errors/no-room.ts';
import { connectDocker } from '../runtime/docker/client.ts';
import { containerEnd, containerLines } from '../runtime/docker/container-end.ts';
import { containersKeyOf } from '../runtime/docker/labels.ts';
import { isFull } from '../runtime/embedded/free-space.ts';
import { endOfServer, logFileOf } from '../runtime/embedded/server-log.ts';
import { processKeyOf } from '../runtime/embedded/start-server.ts';
import type { ServerEnd } from '../runtime/server-end.ts';
import { serverDied } from '../runtime/server-failure.ts';
import { withDeadline } from '../service/deadline.ts';
import { pause } from '../service/pause.ts';
import { readManifest, type RecordedResource } from '../session/manifest.ts';
import { findSession, manifestFile } from '../session/session-files.ts';
import { isRunning } from '../system/process-identity.ts';

/** How long a server may take to be seen to have ended, in milliseconds: it hangs up first, and a daemon hears of it last. */
const patience = 2_000;

/** How long is waited between two looks, in milliseconds. */
const interval = 100;

/** A server that did not answer. */
export interface SilentServer {
  readonly session: string;
  /** The name of its service. */
  readonly service: string;
  /** As the environment gives them. */
  readonly details: unknown;
  /** What the question to it failed with. */
  readonly cause: unknown;
}

/** Looks at a server: how it ended, or `undefined` while it runs. Throws where it cannot be told. */
type Look = (signal: AbortSignal) => Promise<ServerEnd | undefined>;

/**
 * Why a server does not answer, or fails, asked in whatever process of its run: MayflyError `MAYFLY_DISK_UNUSABLE` where
 * Postgres has no room left, `MAYFLY_SERVER_DIED` where a server has ended, else the cause itself, as with one that hangs,
 * that its owner takes away, or that is not ours. Never throws.
 */
export async function postMortem(server: SilentServer, signal: AbortSignal): Promise<unknown> {
  const { service, cause } = server;
  try {
    // First: a server that cannot write falls silent, or begins anew again and again, before it ends.
    if (saysNoRoom(cause) || (await hasNoRoom(server, signal))) {
      return noRoom({ service, phase: 'run', cause });
    }
    const look = await lookAt(server, signal);
    const end = look && (await seenTwice(look, signal));
    if (end === undefined) {
      return cause;
    }
    return serverDied({ service, output: end.output, cause }, end.how, { wasTold: isTold(server.session) });
  } catch {
    // Nothing more could be found out.
    return cause;
  }
}

async function lookAt({ session, service, details }: SilentServer, signal: AbortSignal): Promise<Look | undefined> {
  const { runtime, port } = details as PostgresDetails | RedisDetails;
  const recorded = (key: string): RecordedResource => resourceOf(session, key);
  if (runtime === 'embedded') {
    return async () => processEnd(recorded(processKeyOf(service)), service, port);
  }
  if (runtime === 'docker') {
    recorded(containersKeyOf(service));
    const client = await connectDocker(readProcessEnv().docker, signal);
    return async (bounded) => {
      recorded(containersKeyOf(service));
      return containerEnd({ client, session, service }, bounded);
    };
  }
  return undefined;
}

/** Redis writes nothing once it runs. A full disk takes the log of a process as well, but not that of a container. */
async function hasNoRoom({ session, service, details }: SilentServer, signal: AbortSignal): Promise<boolean> {
  const { runtime } = details as PostgresDetails | RedisDetails;
  if (service !== 'postgres' || runtime === 'external') {
    return false;
  }
  if (runtime === 'embedded') {
    const recorded = resourceOf(session, processKeyOf(service));
    return recorded.kind === 'process' && isFull(recorded.directory);
  }
  const client = await connectDocker(readProcessEnv().docker, signal);
  return (await containerLines({ client, session, service }, signal)).some(saysNoRoom);
}

/** Whether the owner of the session has printed how the server ended, log lines included. */
function isTold(session: string): boolean {
  return findSession(readProcessEnv().stateDirectory, session)?.description?.tellsOfDeaths === true;
}

async function processEnd(recorded: RecordedResource, service: string, port: number): Promise<ServerEnd | undefined> {
  if (recorded.kind !== 'process' || recorded.process === undefined || isRunning(recorded.process)) {
    return undefined;
  }
  return endOfServer(logFileOf(recorded.directory, service, port), recorded.process.pid);
}

/** What a session has under this key; throws where it has not, or its owner has gone. */
function resourceOf(session: string, key: string): RecordedResource {
  const found = findSession(readProcessEnv().stateDirectory, session);
  const resource = found && readManifest(join(found.directory, manifestFile))?.resources.get(key);
  if (resource === undefined) {
    throw new Error(`session ${session} has no ${key}`);
  }
  return resource;
}

/** Twice, since an owner that takes a server away ends it first, and says so afterwards. */
async function seenTwice(look: Look, signal: AbortSignal): Promise<ServerEnd | undefined> {
  return withDeadline({ ms: patience, signal, expired: itRuns }, async (bounded) => {
    for (let wasSeen = false; ;) {
      const end = await look(bounded);
      if (end !== undefined && wasSeen) {
        return end;
      }
      wasSeen = end !== undefined;
      await pause(interval, bounded);
    }
  });
}

function itRuns(): Error {
  return new Error('it runs');
}
