import type { ContainerRuntimeClient } from 'testcontainers';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { askDocker, type DockerCall } from './ask-docker.ts';
import { noSuchThing, statusOf } from './docker-failure.ts';
import { findContainers } from './find-containers.ts';

/**
 * How long a removal may take, in milliseconds, a restart of the daemon included. Less than a service's stop, so that it
 * is known why that failed.
 */
export const removalTimeout = 4_500;

const somebodyIsRemovingIt = 409;

/** Nothing gives a removal up but its deadline, unless somebody wants to. */
const anySignal = (): AbortSignal => new AbortController().signal;

/** Removes every container with these labels, running or not. Others may do the same meanwhile. */
export async function removeContainers(
  client: ContainerRuntimeClient,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal = anySignal(),
): Promise<void> {
  const found = await findContainers(client, labels, removal('list its containers', signal));
  await removeEach(found, ({ Id }) => removeContainer(client, Id, signal));
}

/**
 * Removes a container in one call instead of a stop and a removal: the data is not needed. Resolves when it is gone,
 * whoever took it away.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED`.
 */
export async function removeContainer(
  client: ContainerRuntimeClient,
  id: string,
  signal: AbortSignal = anySignal(),
): Promise<void> {
  const container = client.container.getById(id);
  await askDocker(removal(`remove container ${id.slice(0, 12)}`, signal), async () => {
    try {
      await container.remove({ force: true, v: true });
    } catch (error) {
      if (statusOf(error) === somebodyIsRemovingIt) {
        await container.wait({ condition: 'removed' }).catch(unlessGone);
      } else {
        unlessGone(error);
      }
    }
  });
}

/** A call that takes something away: it may be made any number of times. */
export function removal(what: string, signal: AbortSignal): DockerCall {
  return { what, signal, timeout: removalTimeout, isPatient: true };
}

/** Removes all of them, whatever becomes of each, and then throws once what failed. */
export async function removeEach<T>(things: readonly T[], remove: (thing: T) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(things.map(remove));
  const failures = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) {
    const [first, ...others] = failures.filter((failure) => failure instanceof MayflyError);
    throw first?.suppressing(others) ?? failures[0];
  }
}

/** Passes over an error that says that it is gone already. */
export function unlessGone(error: unknown): void {
  if (statusOf(error) !== noSuchThing) {
    throw error;
  }
}
