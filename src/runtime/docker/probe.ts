import type { DockerEnv } from '../../config/process-env.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import type { RuntimeProbe } from '../runtime.ts';
import { connectDocker } from './client.ts';
import { hasImage } from './images.ts';

/** Says whether Docker can be used, and which of the images are there already. */
export async function probeDocker(
  env: DockerEnv,
  images: readonly string[],
  signal: AbortSignal,
): Promise<RuntimeProbe> {
  try {
    const client = await connectDocker(env, signal);
    const { serverVersion, operatingSystem, host } = client.info.containerRuntime;
    const facts = [`Docker ${serverVersion} on ${operatingSystem}, containers reached at ${host}`];
    for (const image of images) {
      const isThere = await hasImage(client, image, signal);
      facts.push(isThere ? `image ${image} is there` : `image ${image} will be pulled when it is first needed`);
    }
    return { usable: true, facts };
  } catch (error) {
    if (isMayflyError(error)) {
      return { usable: false, reason: error.summary, remedy: error.remedy };
    }
    throw error;
  }
}
