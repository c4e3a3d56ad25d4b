import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import type { ServiceContext } from '../../service/service.ts';
import { portTaken, serverExited, serverNotReady } from '../server-failure.ts';
import { freePort } from './free-port.ts';
import type { ServerDirectory } from './server-directory.ts';
import { ServerProcess, type ServerCommand } from './server-process.ts';

/** How long a server may take to answer, in milliseconds. Less than a service's start, so that its log is shown. */
const readyTimeout = 20_000;

/** How many ports are tried where none is asked for. */
const portAttempts = 5;

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
 * @throws MayflyError `MAYFLY_PORT_TAKEN`, `MAYFLY_SERVER_EXITED` or `MAYFLY_SERVER_NOT_READY`.
 */
export async function startServer(plan: ServerPlan, context: ServiceContext): Promise<RunningServer> {
  for (let attempt = 1; attempt <= portAttempts; attempt += 1) {
    const port = plan.port ?? (await freePort());
    const server = await spawnServer(plan, port, context);
    try {
      await untilReady(plan, server, context.signal);
      return server;
    } catch (error) {
      const wasTaken = isPortConflict(await server.process.lastLines());
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

async function spawnServer(plan: ServerPlan, port: number, { ownership }: ServiceContext): Promise<RunningServer> {
  const { directory, service, endSignal } = plan;
  const key = `process:${service}`;
  const command = await plan.command(port);
  ownership.own(key, { kind: 'process', directory: directory.path });
  const process = new ServerProcess({
    ...command,
    workingDirectory: directory.path,
    logFile: directory.join(`${service}-${port}.log`),
  });
  ownership.own(key, { kind: 'process', directory: directory.path, pid: process.pid });
  const stop = async (): Promise<void> => {
    await process.end(endSignal, endTimeout);
    ownership.disown(key);
  };
  return { port, process, place: `process ${process.pid}`, stop };
}

async function untilReady(plan: ServerPlan, { port, process }: RunningServer, signal: AbortSignal): Promise<void> {
  const { service } = plan;
  let reason = 'it has not answered yet';
  let ending: string | undefined;
  const deadline = { ms: readyTimeout, signal, expired: () => new Error(reason) };
  try {
    await withDeadline(deadline, (bounded) =>
      pollUntilReady(() => plan.ping(port, bounded), {
        signal: bounded,
        onFailure: (error) => {
          reason = reasonOf(error);
          ending = process.ending;
          if (ending !== undefined) {
            throw error;
          }
        },
      }),
    );
  } catch {
    signal.throwIfAborted();
    const failing = { service, output: await process.lastLines() };
    throw ending === undefined ? serverNotReady(failing, readyTimeout, reason) : serverExited(failing, ending);
  }
}

/** Both servers quote the operating system's own words for EADDRINUSE. */
function isPortConflict(output: readonly string[]): boolean {
  return output.some((line) => line.includes('Address already in use'));
}
