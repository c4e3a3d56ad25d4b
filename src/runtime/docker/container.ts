import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import type { Ownership } from '../../service/ownership.ts';
import { pause } from '../../service/pause.ts';
import type { ServiceContext } from '../../service/service.ts';

/** On every container: the session that it belongs to. */
export const sessionLabel = 'dev.mayfly.session';

/** On every container: the name of its service. */
const serviceLabel = 'dev.mayfly.service';

/** How long is waited before the containers of a start that was given up are removed once more, in milliseconds. */
const removalInterval = 100;

/** What every container of Testcontainers and its modules has, as far as it concerns us. */
export interface StartableContainer<Started extends StartedTestContainer> {
  withLabels(labels: Record<string, string>): this;
  withAutoCleanup(autoCleanup: boolean): this;
  start(): Promise<Started>;
}

/** A container that runs, and how to take it away. */
export interface RunningContainer<Started extends StartedTestContainer> {
  readonly started: Started;
  readonly remove: () => Promise<void>;
}

/** Starts a container as one that the session owns. Leaves none behind when it throws. */
export async function startContainer<Started extends StartedTestContainer>(
  client: ContainerRuntimeClient,
  service: string,
  container: StartableContainer<Started>,
  { ownership, signal }: ServiceContext,
): Promise<RunningContainer<Started>> {
  const key = `containers:${service}`;
  const labels = labelsOf(service, ownership);
  ownership.own(key, { kind: 'containers', label: sessionLabel, value: ownership.sessionId });
  try {
    // Ryuk would cost an image and half a second; the session knows what it owns.
    const starting = container.withLabels(labels).withAutoCleanup(false).start();
    const started = await unlessAborted(starting, signal, () => removeContainers(client, labels));
    const remove = async (): Promise<void> => {
      await removeContainer(client, started.getId());
      ownership.disown(key);
    };
    return { started, remove };
  } catch (error) {
    // Testcontainers removes a container that does not become ready, but not one that could not be started.
    await removeContainers(client, labels);
    ownership.disown(key);
    throw error;
  }
}

/** Testcontainers does not know our signal, but gives a start up whose container is no longer there. */
async function unlessAborted<T>(starting: Promise<T>, signal: AbortSignal, remove: () => Promise<void>): Promise<T> {
  const settled = new AbortController();
  const giveUp = async (): Promise<void> => {
    for (;;) {
      await remove();
      await pause(removalInterval, settled.signal);
    }
  };
  // It ends when the start has, by what the pause throws.
  const onAbort = (): void => void giveUp().catch(() => {});
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await starting;
  } finally {
    settled.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

/** What the containers of a session's service are known by. */
export function labelsOf(service: string, { sessionId }: Ownership): Record<string, string> {
  return { [sessionLabel]: sessionId, [serviceLabel]: service };
}

/** The containers with these labels, running or not, or those alone that are in one of these states. */
export async function findContainers(
  client: ContainerRuntimeClient,
  labels: Readonly<Record<string, string>>,
  status: string[] = [],
): Promise<{ readonly Id: string }[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return client.container.dockerode.listContainers({ all: true, filters: { label, status } });
}

/** Removes every container with these labels, running or not. */
export async function removeContainers(
  client: ContainerRuntimeClient,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const found = await findContainers(client, labels);
  await Promise.all(found.map(({ Id }) => removeContainer(client, Id)));
}

/** Removes a container in one call instead of a stop and a removal: the data is not needed. Resolves when it is gone. */
async function removeContainer(client: ContainerRuntimeClient, id: string): Promise<void> {
  const container = client.container.getById(id);
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (statusOf(error) === somebodyIsRemovingIt) {
      await container.wait({ condition: 'removed' }).catch(unlessGone);
    } else {
      unlessGone(error);
    }
  }
}

const somebodyIsRemovingIt = 409;
const noSuchContainer = 404;

function unlessGone(error: unknown): void {
  if (statusOf(error) !== noSuchContainer) {
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly statusCode?: number }).statusCode;
}
