import type { ContainerRuntimeClient, GenericContainer, StartedTestContainer } from 'testcontainers';
import { reasonOf } from '../../errors/reason.ts';
import type { ServiceContext } from '../../service/service.ts';
import { portTaken } from '../server-failure.ts';
import { waitForQuery, type Query } from './wait-for-query.ts';

/** On every container: the session that it belongs to. */
export const sessionLabel = 'dev.mayfly.session';

/** On every container: the name of its service. */
export const serviceLabel = 'dev.mayfly.service';

/** A container to be run, and how to see that it is ready. */
export interface ContainerPlan<Started extends StartedTestContainer> {
  readonly service: string;
  /** Everything set but its labels and how to wait for it. */
  readonly container: GenericContainer & { start(): Promise<Started> };
  /** The port inside the container. */
  readonly port: number;
  /** The port asked for on the Docker host, or `undefined` for any. */
  readonly hostPort: number | undefined;
  readonly query: Query;
}

/** A container that answers. */
export interface RunningContainer<Started extends StartedTestContainer> {
  readonly started: Started;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Runs a container until it answers a query. Leaves none behind when it throws.
 *
 * @throws MayflyError `MAYFLY_PORT_TAKEN`, `MAYFLY_SERVER_EXITED` or `MAYFLY_SERVER_NOT_READY`.
 */
export async function startContainer<Started extends StartedTestContainer>(
  client: ContainerRuntimeClient,
  { service, container, port, hostPort, query }: ContainerPlan<Started>,
  { ownership, signal }: ServiceContext,
): Promise<RunningContainer<Started>> {
  const key = `containers:${service}`;
  const host = reachableHost(client);
  ownership.own(key, { kind: 'containers', label: sessionLabel, value: ownership.sessionId });
  const stop = async (): Promise<void> => {
    await removeContainers(client, { [sessionLabel]: ownership.sessionId, [serviceLabel]: service });
    ownership.disown(key);
  };
  try {
    const started = await container
      .withLabels({ [sessionLabel]: ownership.sessionId, [serviceLabel]: service })
      // Ryuk would cost an image and half a second; the session knows what it owns.
      .withAutoCleanup(false)
      .withWaitStrategy(waitForQuery({ service, port, host, query, signal }))
      .start();
    return { started: started as Started, host, port: started.getMappedPort(port), stop };
  } catch (error) {
    await stop();
    throw isPortConflict(error) ? portTaken(service, hostPort, error) : error;
  }
}

/** Removes every container with these labels, running or not. One that goes by itself meanwhile is as good. */
export async function removeContainers(
  client: ContainerRuntimeClient,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const found = await client.container.dockerode.listContainers({ all: true, filters: { label } });
  await Promise.all(
    found.map(async ({ Id }) => {
      try {
        // One call instead of a stop and a removal: the data is not needed.
        await client.container.getById(Id).remove({ force: true, v: true });
      } catch (error) {
        if (!isGone(error)) {
          throw error;
        }
      }
    }),
  );
}

/** Testcontainers says `localhost` for a daemon on this machine, where we publish on IPv4 alone. */
export function reachableHost(client: ContainerRuntimeClient): string {
  const { host } = client.info.containerRuntime;
  return host === 'localhost' ? '127.0.0.1' : host;
}

/** 404: removed already; 409: somebody else is removing it. */
function isGone(error: unknown): boolean {
  const { statusCode } = error as { readonly statusCode?: number };
  return statusCode === 404 || statusCode === 409;
}

function isPortConflict(error: unknown): boolean {
  return /port is already allocated|address already in use/.test(reasonOf(error));
}
