import { freePort } from '../../connection/free-port.ts';
import type { ServiceContext } from '../../service/service.ts';
import { isPortConflict, portAttempts, portTaken } from '../server-failure.ts';
import { waitForServer, type StartingServer } from '../wait-for-server.ts';
import { isFull } from './free-space.ts';
import type { ServerDirectory } from './server-directory.ts';
import { logFileOf } from './server-log.ts';
import { ServerProcess, type ServerCommand } from './server-process.ts';

/** How long a server may take to answer, in milliseconds. Less than a service's start, so that its log is shown. */
const readyTimeout = 20_000;

/** How long a server has to end by itself, in milliseconds. */
const endTimeout = 2_000;

/** How to run one kind of server. */
export interface ServerPlan {
  readonly service: string;
  readonly directory: ServerDirectory;
  /** The port asked for, or `undefined` for any. */
  readonly port: number | undefined;
  /** Ends the server at once; its data is not needed. */
  readonly endSignal: NodeJS.Signals;
  readonly command: (port: number) => Promise<Omit<ServerCommand, 'workingDirectory' | 'logFile'>>;
  /** Returns when the server on this port has answered a query. */
  readonly ping: (port: number, signal: AbortSignal) => Promise<void>;
  /** Whether a failed ping means that no later one can succeed, so that there is nothing to wait for. */
  readonly isHopeless?: (error: unknown) => boolean;
  /** Takes away what a server leaves outside its directory when it is killed. */
  readonly cleanUp?: () => Promise<void>;
}

/** A server that has answered. */
export interface RunningServer {
  readonly port: number;
  readonly process: ServerProcess;
  /** The process in words, for people. */
  readonly place: string;
  stop(): Promise<void>;
}

/**
 * Runs a server until it answers. Neither Postgres nor Redis can be given port 0, so where none is asked for a free one
 * is tried, and another if somebody was faster. Leaves no process behind when it throws.
 *
 * @throws MayflyError `MAYFLY_PORT_TAKEN`, `MAYFLY_SERVER_EXITED`, `MAYFLY_SERVER_NOT_READY` or `MAYFLY_DISK_UNUSABLE`.
 */
export async function startServer(
  plan: ServerPlan,
  context: ServiceContext,
  timeout: number = readyTimeout,
): Promise<RunningServer> {
  for (let attempt = 1; attempt <= portAttempts; attempt += 1) {
    const port = plan.port ?? (await freePort());
    const server = await spawnServer(plan, port, context);
    try {
      await waitForServer(starting(plan, server), { ms: timeout, signal: context.signal });
      return server;
    } catch (error) {
      const wasTaken = isPortConflict((await server.process.lastLines()).join('\n'));
      await server.stop();
      if (!wasTaken) {
        throw error;
      }
      if (plan.port !== undefined) {
        throw portTaken(plan.service, plan.port, error);
      }
    }
  }
  throw portTaken(plan.service, undefined);
}

/** Under which key the session knows a server's process. */
export function processKeyOf(service: string): string {
  return `process:${service}`;
}

async function spawnServer(plan: ServerPlan, port: number, { ownership }: ServiceContext): Promise<RunningServer> {
  const { directory, service, endSignal } = plan;
  const key = processKeyOf(service);
  const command = await plan.command(port);
  const workingDirectory = directory.path;
  const logFile = logFileOf(workingDirectory, service, port);
  ownership.own(key, { kind: 'process', directory: workingDirectory });
  let process: ServerProcess | undefined;
  try {
    process = new ServerProcess({ ...command, workingDirectory, logFile });
    ownership.own(key, { kind: 'process', directory: workingDirectory, pid: process.pid });
  } catch (error) {
    await process?.end(endSignal, endTimeout);
    ownership.disown(key);
    throw error;
  }
  const stop = async (): Promise<void> => {
    await process.end(endSignal, endTimeout);
    await plan.cleanUp?.();
    ownership.disown(key);
  };
  return { port, process, place: `process ${process.pid}`, stop };
}

function starting(
  { service, directory, ping, isHopeless }: ServerPlan,
  { port, process }: RunningServer,
): StartingServer {
  return {
    service,
    ask: (signal) => ping(port, signal),
    isHopeless,
    ended: () => process.ended,
    lastLines: () => process.lastLines(),
    isFull: () => isFull(directory.path),
  };
}
