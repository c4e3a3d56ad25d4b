import type { ContainerRuntimeClient } from 'testcontainers';
import type { DockerEnv } from '../../config/process-env.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { boundAndWhole } from './bound-requests.ts';
import { whyNoDaemon } from './daemon.ts';
import { dockerUnavailable } from './docker-failure.ts';

/** How long the daemon may take to say who it is, in milliseconds. */
const connectTimeout = 10_000;

/**
 * Testcontainers' client of the daemon that its own rules choose: its properties file, DOCKER_HOST, the usual sockets.
 *
 * @param timeout in milliseconds.
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` when no daemon answers in time.
 */
export async function connectDocker(
  env: DockerEnv,
  signal: AbortSignal,
  timeout: number = connectTimeout,
): Promise<ContainerRuntimeClient> {
  const expired = (): Error => dockerUnavailable(`it has not answered within ${timeout} ms`);
  return withDeadline({ ms: timeout, signal, expired }, async (bounded) => {
    const obstacle = await whyNoDaemon(env, bounded);
    if (obstacle !== undefined) {
      throw dockerUnavailable(obstacle);
    }
    // Loading Testcontainers takes a quarter of a second: only where there is something to connect to.
    const { getContainerRuntimeClient } = await import('testcontainers');
    try {
      return await boundAndWhole(bounded, getContainerRuntimeClient);
    } catch (error) {
      throw dockerUnavailable(reasonOf(error), error);
    }
  });
}
