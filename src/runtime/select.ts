import type { ProcessEnv } from '../config/process-env.ts';
import type { Settings } from '../config/settings.ts';
import { isMayflyError } from '../errors/mayfly-error.ts';
import { connectDocker } from './docker/client.ts';
import { ensureImage } from './docker/images.ts';
import { chooseNetwork } from './docker/network.ts';
import { DockerRuntime } from './docker/runtime.ts';
import { EmbeddedRuntime } from './embedded/runtime.ts';
import { ExternalRuntime } from './external/runtime.ts';
import type { Runtime } from './runtime.ts';

/** Which runtime serves what, and why. */
export interface Selection {
  readonly postgres: Runtime;
  readonly redis: Runtime;
  /** One line for people. */
  readonly reason: string;
}

interface SelectOptions {
  readonly signal: AbortSignal;
  readonly note: (message: string) => void;
}

/**
 * Chooses where servers run. What was named is used or fails; left to itself Mayfly uses a server whose URL is
 * configured, else Docker if it answers and has or can pull the images, else plain processes.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_IMAGE_UNAVAILABLE` when docker was named.
 */
export async function selectRuntime(settings: Settings, env: ProcessEnv, options: SelectOptions): Promise<Selection> {
  const named = `${settings.runtime}, named by ${settings.decidedBy}`;
  switch (settings.runtime) {
    case 'external':
      return everywhere(new ExternalRuntime(), named);
    case 'embedded':
      return everywhere(embedded(env), named);
    case 'docker':
      return everywhere(await docker(settings, env, options), named);
    case 'auto':
      return selectFreely(settings, env, options);
  }
}

async function selectFreely(settings: Settings, env: ProcessEnv, options: SelectOptions): Promise<Selection> {
  const { postgres, redis } = settings;
  const isExternal = { postgres: postgres?.url !== undefined, redis: redis?.url !== undefined };
  const isNeeded = (postgres !== undefined && !isExternal.postgres) || (redis !== undefined && !isExternal.redis);
  const external = new ExternalRuntime();
  if (postgres === undefined && redis === undefined) {
    return everywhere(external, 'nowhere: neither Postgres nor Redis is wanted');
  }
  if (!isNeeded) {
    return everywhere(external, 'external: the URLs are configured, so nothing is started');
  }
  const { runtime, reason } = await dockerOrEmbedded(settings, env, options);
  return {
    postgres: isExternal.postgres ? external : runtime,
    redis: isExternal.redis ? external : runtime,
    reason: isExternal.postgres || isExternal.redis ? `${reason}; external where a URL is configured` : reason,
  };
}

async function dockerOrEmbedded(
  settings: Settings,
  env: ProcessEnv,
  options: SelectOptions,
): Promise<{ runtime: Runtime; reason: string }> {
  try {
    const runtime = await docker(settings, env, options);
    return { runtime, reason: 'docker: the daemon answers and has the images' };
  } catch (error) {
    options.signal.throwIfAborted();
    if (!isMayflyError(error)) {
      throw error;
    }
    // Without the remedy: that is for those who asked for Docker.
    return { runtime: embedded(env), reason: `embedded: ${error.summary}` };
  }
}

async function docker(settings: Settings, env: ProcessEnv, { signal, note }: SelectOptions): Promise<Runtime> {
  const client = await connectDocker(env.docker, signal);
  const images = imagesOf(settings).map((image) => ensureImage(client, image, { signal, note }));
  const [network] = await Promise.all([chooseNetwork(client, env.docker, signal), ...images]);
  return new DockerRuntime({ client, network });
}

function embedded({ cacheDirectory, dataDirectory, redisBinary, searchPath }: ProcessEnv): Runtime {
  return new EmbeddedRuntime({ cacheDirectory, dataDirectory, redisBinary, searchPath });
}

function everywhere(runtime: Runtime, reason: string): Selection {
  return { postgres: runtime, redis: runtime, reason };
}

/** The images of the servers that are to be started: all, or where we choose, those without a URL. */
function imagesOf({ runtime, postgres, redis }: Settings): string[] {
  return [postgres, redis]
    .filter((server) => server !== undefined)
    .filter(({ url }) => runtime !== 'auto' || url === undefined)
    .map(({ image }) => image);
}
