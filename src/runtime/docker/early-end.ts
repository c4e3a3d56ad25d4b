import type { ContainerRuntimeClient } from 'testcontainers';
import { isMayflyError, type MayflyError } from '../../errors/mayfly-error.ts';
import type { Ownership } from '../../service/ownership.ts';
import { pause } from '../../service/pause.ts';
import { serverExited } from '../server-failure.ts';
import { askDocker } from './ask-docker.ts';
import { lastLogLines } from './container-log.ts';
import { findContainers } from './find-containers.ts';
import { labelsOf } from './labels.ts';
import { removeContainers } from './remove-containers.ts';

/** How long is waited between two looks at the containers, in milliseconds. */
const interval = 250;

interface Starting<T> {
  readonly client: ContainerRuntimeClient;
  readonly service: string;
  readonly ownership: Ownership;
  /** The start of the service's container, under way. */
  readonly starting: Promise<T>;
}

/**
 * Waits for the start of a server's container, and ends the wait when the container has ended. Testcontainers itself
 * would wait ten seconds for the ports of one that ends before they are known, and then not say why.
 */
export async function unlessItEnds<T>({ client, service, ownership, starting }: Starting<T>): Promise<T> {
  const watch = new AbortController();
  const labels = labelsOf(service, ownership);
  // Where the look itself fails the start goes on as if nobody had looked.
  const ended = waitForEnd(client, service, labels, watch.signal).catch(() => starting);
  try {
    const first = await Promise.race([starting, ended]);
    if (!isMayflyError(first)) {
      return first;
    }
    // Testcontainers gives up as soon as there is no container to wait for.
    await removeContainers(client, labels);
    await starting.catch(() => {});
    throw first;
  } finally {
    watch.abort();
  }
}

async function waitForEnd(
  client: ContainerRuntimeClient,
  service: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<MayflyError> {
  for (;;) {
    await pause(interval, signal);
    const call = { what: `look at the container of ${service}`, signal };
    const [ended] = await findContainers(client, labels, call, ['exited', 'dead']);
    if (ended !== undefined) {
      const container = client.container.getById(ended.Id);
      const { State } = await askDocker(call, () => container.inspect());
      return serverExited({ service, output: await lastLogLines(container, signal) }, `exit code ${State.ExitCode}`);
    }
  }
}
