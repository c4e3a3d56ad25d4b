import type { ContainerRuntimeClient } from 'testcontainers';
import type { DockerEnv } from '../../config/process-env.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { whyNoDaemon } from './daemon.ts';

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
  const expired = (): Error => unavailable(`it has not answered within ${timeout} ms`);
  return withDeadline({ ms: timeout, signal, expired }, async (bounded) => {
    const obstacle = await whyNoDaemon(env, bounded);
    if (obstacle !== undefined) {
      throw unavailable(obstacle);
    }
    // Loading Testcontainers takes a quarter of a second: only where there is something to connect to.
    const { getContainerRuntimeClient } = await import('testcontainers');
    try {
      return await getContainerRuntimeClient();
    } catch (error) {
      throw unavailable(reasonOf(error), error);
    }
  });
}

function unavailable(reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_DOCKER_UNAVAILABLE', {
    message: `The Docker daemon does not answer: ${reason}.`,
    remedy: 'Start Docker, set DOCKER_HOST, or choose another runtime, such as MAYFLY_RUNTIME=embedded.',
    phase: 'select',
    cause,
  });
}
