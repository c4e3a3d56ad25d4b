import type { ContainerRuntimeClient, GenericContainer, StartedTestContainer } from 'testcontainers';
import { freePort } from '../../connection/free-port.ts';
import { reasonOf } from '../../errors/reason.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { ServerEnd } from '../server-end.ts';
import { isPortConflict, portAttempts, portTaken } from '../server-failure.ts';
import { startContainer, type RunningContainer } from './container.ts';
import { unlessItEnds } from './early-end.ts';
import { loopback, type DockerNetwork } from './network.ts';
import { waitForQuery } from './wait-for-query.ts';
import { watchContainer } from './watch-container.ts';

/** Where a server in a container listens: on this port of the loopback address, or of every address. */
export interface Listen {
  readonly on: 'loopback' | 'every address';
  readonly port: number;
}

/** A server's container, and how to see that it is ready. */
export interface ServerContainerPlan {
  readonly service: string;
  /** Makes the container, not started yet, whose server listens there. */
  readonly container: (listen: Listen) => GenericContainer;
  /** The port that such servers are known by. */
  readonly standardPort: number;
  /** The port asked for on the Docker host, or `undefined` for any. */
  readonly port: number | undefined;
  /** Asks the server at this address; throws while it does not answer. */
  readonly query: (host: string, port: number) => Promise<void>;
}

/** A server that answers. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** The container in words, for people. */
  readonly place: string;
  /** Resolves when it has ended, by whomever. */
  readonly ended: (signal: AbortSignal) => Promise<ServerEnd>;
  readonly remove: () => Promise<void>;
}

/** The daemon and how its servers are reached. */
export interface DockerHost {
  readonly client: ContainerRuntimeClient;
  readonly network: DockerNetwork;
}

/**
 * Runs a server's container until it answers a query. Leaves none behind when it throws.
 *
 * @throws MayflyError `MAYFLY_PORT_TAKEN`, `MAYFLY_SERVER_EXITED`, `MAYFLY_SERVER_NOT_READY` or `MAYFLY_DISK_UNUSABLE`.
 */
export async function startServerContainer(
  { client, network }: DockerHost,
  plan: ServerContainerPlan,
  context: ServiceContext,
): Promise<RunningServer> {
  return network.kind === 'host'
    ? startOnHostNetwork(client, plan, context)
    : startPublished(client, network.host, plan, context);
}

/** A server cannot be given port 0 and say which it got: a free one is tried, and another if somebody was faster. */
async function startOnHostNetwork(
  client: ContainerRuntimeClient,
  plan: ServerContainerPlan,
  context: ServiceContext,
): Promise<RunningServer> {
  for (let attempt = 1; attempt <= portAttempts; attempt += 1) {
    const port = plan.port ?? (await freePort());
    const container = plan
      .container({ on: 'loopback', port })
      .withNetworkMode('host')
      .withWaitStrategy(
        waitForQuery({ service: plan.service, ask: () => plan.query(loopback, port), signal: context.signal }),
      );
    try {
      const running = await startContainer(client, plan.service, container, context);
      return { host: loopback, port, ...serverIn(running, client, plan.service, context) };
    } catch (error) {
      if (!isPortConflict(reasonOf(error))) {
        throw error;
      }
      if (plan.port !== undefined) {
        throw portTaken(plan.service, plan.port, error);
      }
    }
  }
  throw portTaken(plan.service, undefined);
}

/** Docker chooses the port where none is asked for. */
async function startPublished(
  client: ContainerRuntimeClient,
  host: string,
  { service, container: make, standardPort, port, query }: ServerContainerPlan,
  context: ServiceContext,
): Promise<RunningServer> {
  const container = make({ on: 'every address', port: standardPort }).withWaitStrategy(
    waitForQuery({
      service,
      ask: (published) => query(host, published.getBinding(standardPort)),
      signal: context.signal,
    }),
  );
  if (port !== undefined) {
    container.withExposedPorts({ container: standardPort, host: port });
  }
  try {
    const starting = startContainer(client, service, container, context);
    const running = await unlessItEnds({ client, service, ownership: context.ownership, starting });
    const published = running.started.getMappedPort(standardPort);
    return { host, port: published, ...serverIn(running, client, service, context) };
  } catch (error) {
    throw isPortConflict(reasonOf(error)) ? portTaken(service, port, error) : error;
  }
}

function serverIn(
  { started, remove }: RunningContainer<StartedTestContainer>,
  client: ContainerRuntimeClient,
  service: string,
  { ownership: { sessionId: session } }: ServiceContext,
): Pick<RunningServer, 'place' | 'ended' | 'remove'> {
  const id = started.getId();
  const ended = (signal: AbortSignal): Promise<ServerEnd> => watchContainer({ client, session, service }, id, signal);
  return { place: `container ${id.slice(0, 12)}`, ended, remove };
}
