import type { ContainerRuntimeClient } from 'testcontainers';
import { askDocker } from './ask-docker.ts';
import { filterBy, ownerLabel, sessionLabel } from './labels.ts';
import { removal, removeContainers, removeEach, unlessGone } from './remove-containers.ts';

/** A container that some session made, whether its record is still there or not. */
export interface StrayContainer {
  readonly id: string;
  /** The session that it belongs to. */
  readonly session: string;
  /** What the session wrote down of its owner, or `undefined` where it wrote nothing. */
  readonly owner: string | undefined;
  /** ISO 8601, by the clock of the daemon's machine. */
  readonly createdAt: string;
}

/**
 * Removes every container and then every network that carries the label. Nothing to remove is no failure, and others may
 * be removing the same.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED`, after everything was tried; or the signal's
 * own reason.
 */
export async function removeSession(
  client: ContainerRuntimeClient,
  { label, value }: { readonly label: string; readonly value: string },
  signal: AbortSignal,
): Promise<void> {
  const labels = { [label]: value };
  await removeContainers(client, labels, signal);
  await removeNetworks(client, labels, signal);
}

/**
 * Every container that carries a session's label, running or not, of whatever user and machine: whose it is, is for the
 * caller to judge.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED`; or the signal's own reason.
 */
export async function findStrays(
  client: ContainerRuntimeClient,
  signal: AbortSignal = new AbortController().signal,
): Promise<StrayContainer[]> {
  const filters = { label: [sessionLabel] };
  const found = await askDocker({ what: 'list containers', signal }, () =>
    client.container.dockerode.listContainers({ all: true, filters }),
  );
  return found.map(({ Id, Labels, Created }) => ({
    id: Id,
    session: Labels[sessionLabel] ?? '',
    owner: Labels[ownerLabel],
    createdAt: new Date(Created * 1000).toISOString(),
  }));
}

async function removeNetworks(
  client: ContainerRuntimeClient,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { dockerode } = client.container;
  const filters = { label: filterBy(labels) };
  const found = await askDocker(removal('list its networks', signal), () => dockerode.listNetworks({ filters }));
  await removeEach(found, ({ Id, Name }) =>
    askDocker(removal(`remove network ${Name}`, signal), () => dockerode.getNetwork(Id).remove().catch(unlessGone)),
  );
}
