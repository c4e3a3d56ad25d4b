import type { ContainerRuntimeClient } from 'testcontainers';
import type { DockerEnv } from '../../config/process-env.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { boundTo } from './bound-requests.ts';

/** How long Ryuk may take to start, in milliseconds, the pull of its image included. */
const startTimeout = 120_000;

/** What became of Ryuk, for each client: Testcontainers has one for the whole process. `undefined` when it runs. */
const outcomes = new WeakMap<ContainerRuntimeClient, Promise<unknown>>();

/**
 * Whether containers are to be put under the care of Ryuk, a container of Testcontainers' that removes them when the
 * connection to this process is lost. It is started for that. It costs an image, half a second and the daemon's socket
 * in a container, so it is used where the user asks for it, or where the daemon is on another machine, from which it
 * still sees the end of ours.
 *
 * @throws MayflyError `MAYFLY_RYUK_UNAVAILABLE` where the user asked for it and it cannot be had. Where he did not he is
 * told once, and it is gone on without.
 */
export async function usesRyuk(
  client: ContainerRuntimeClient,
  { ryuk }: Pick<DockerEnv, 'ryuk'>,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (message: string) => void },
): Promise<boolean> {
  const isWanted = ryuk === 'on' || (ryuk === undefined && isOnAnotherMachine(client));
  if (!isWanted) {
    return false;
  }
  const known = outcomes.get(client);
  const outcome = known ?? startRyuk(client);
  outcomes.set(client, outcome);
  // Others may be waiting for it too, so that only the wait ends with the signal.
  const obstacle = await withDeadline({ ms: startTimeout, signal, expired: tooLate }, () => outcome);
  if (obstacle === undefined) {
    return true;
  }
  if (ryuk === 'on') {
    // Whoever tries again may have mended it.
    outcomes.delete(client);
    throw unavailable(obstacle);
  }
  if (known === undefined) {
    note(`Ryuk could not be started, so nobody on the Docker host looks after the containers: ${reasonOf(obstacle)}`);
  }
  return false;
}

/** Whether the daemon is reached over the network, at another address than this machine's own. */
export function isOnAnotherMachine({ container }: ContainerRuntimeClient): boolean {
  const { socketPath, host } = container.dockerode.modem as { readonly socketPath?: string; readonly host?: string };
  return socketPath === undefined && !['localhost', '127.0.0.1', '::1', '[::1]'].includes(host ?? 'localhost');
}

/** Resolves to why Ryuk does not run, or to `undefined` where it does. */
async function startRyuk(client: ContainerRuntimeClient): Promise<unknown> {
  const { getReaper } = await import('testcontainers');
  const { signal } = new AbortController();
  try {
    const { containerId } = await withDeadline({ ms: startTimeout, signal, expired: tooLate }, (bounded) =>
      boundTo(bounded, () => getReaper(client)),
    );
    // A stand-in of Testcontainers' own, which does nothing.
    return containerId === '' ? new Error('TESTCONTAINERS_RYUK_DISABLED forbids it') : undefined;
  } catch (error) {
    return error;
  }
}

function tooLate(): Error {
  return new Error(`it has not started within ${startTimeout} ms`);
}

function unavailable(cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_RYUK_UNAVAILABLE', {
    message: `Ryuk was asked for and could not be started: ${reasonOf(cause)}.`,
    remedy: 'Name an image that the Docker host has or can pull in RYUK_CONTAINER_IMAGE, or leave out MAYFLY_RYUK.',
    phase: 'start',
    cause,
  });
}
