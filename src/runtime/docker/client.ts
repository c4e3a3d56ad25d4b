import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { DockerEnv } from '../../config/process-env.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';

/** How long the daemon may take to say who it is, in milliseconds. */
const connectTimeout = 10_000;

/**
 * Testcontainers' client of the daemon that its own rules choose: its properties file, DOCKER_HOST, the usual sockets.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` when no daemon answers in time.
 */
export async function connectDocker(env: DockerEnv, signal: AbortSignal): Promise<ContainerRuntimeClient> {
  if (!isConfigured(env)) {
    throw unavailable('no Docker socket was found and DOCKER_HOST is not set');
  }
  const expired = (): Error => unavailable(`it has not answered within ${connectTimeout} ms`);
  return withDeadline({ ms: connectTimeout, signal, expired }, async () => {
    // Loading Testcontainers takes a quarter of a second: only where there is something to connect to.
    const { getContainerRuntimeClient } = await import('testcontainers');
    try {
      return await getContainerRuntimeClient();
    } catch (error) {
      throw unavailable(env.host === undefined ? reasonOf(error) : `nothing answers at DOCKER_HOST=${env.host}`, error);
    }
  });
}

/** Whether there is anything that Testcontainers would try to connect to. */
function isConfigured({ host, runtimeDirectory }: DockerEnv): boolean {
  const home = homedir();
  const places = [
    '/var/run/docker.sock',
    join(runtimeDirectory ?? `/run/user/${process.getuid?.() ?? 0}`, 'docker.sock'),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
    join(home, '.testcontainers.properties'),
  ];
  return host !== undefined || process.platform === 'win32' || places.some((place) => existsSync(place));
}

function unavailable(reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_DOCKER_UNAVAILABLE', {
    message: `The Docker daemon does not answer: ${reason}.`,
    remedy: 'Start Docker, set DOCKER_HOST, or choose another runtime, such as MAYFLY_RUNTIME=embedded.',
    phase: 'select',
    cause,
  });
}
