import type { ContainerRuntimeClient, GenericContainer } from 'testcontainers';
import { reasonOf } from '../../errors/reason.ts';
import type { ServiceContext } from '../../service/service.ts';
import { portTaken } from '../server-failure.ts';
import { startContainer } from './container.ts';
import { waitForQuery } from './wait-for-query.ts';

/** A server's container, and how to see that it is ready. */
export interface ServerContainerPlan {
  readonly service: string;
  /** Everything set but its ports and how to wait for it. */
  readonly container: GenericContainer;
  /** The port inside the container. */
  readonly port: number;
  /** The port asked for on the Docker host, or `undefined` for any. */
  readonly hostPort: number | undefined;
  /** Asks the server at this address; throws while it does not answer. */
  readonly query: (host: string, port: number) => Promise<void>;
}

/** A server that answers. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** The container in words, for people. */
  readonly place: string;
  readonly remove: () => Promise<void>;
}

/**
 * Runs a server's container until it answers a query. Leaves none behind when it throws.
 *
 * @throws MayflyError `MAYFLY_PORT_TAKEN`, `MAYFLY_SERVER_EXITED` or `MAYFLY_SERVER_NOT_READY`.
 */
export async function startServerContainer(
  client: ContainerRuntimeClient,
  { service, container, port, hostPort, query }: ServerContainerPlan,
  context: ServiceContext,
): Promise<RunningServer> {
  const host = reachableHost(client);
  const ask = (mapped: number): Promise<void> => query(host, mapped);
  container.withWaitStrategy(waitForQuery({ service, port, ask, signal: context.signal }));
  if (hostPort !== undefined) {
    container.withExposedPorts({ container: port, host: hostPort });
  }
  try {
    const { started, remove } = await startContainer(client, service, container, context);
    const place = `container ${started.getId().slice(0, 12)}`;
    return { host, port: started.getMappedPort(port), place, remove };
  } catch (error) {
    throw isPortConflict(error) ? portTaken(service, hostPort, error) : error;
  }
}

/** Testcontainers says `localhost` for a daemon on this machine, where we publish on IPv4 alone. */
export function reachableHost(client: ContainerRuntimeClient): string {
  const { host } = client.info.containerRuntime;
  return host === 'localhost' ? '127.0.0.1' : host;
}

function isPortConflict(error: unknown): boolean {
  return /port is already allocated|address already in use/.test(reasonOf(error));
}
