import type { ContainerRuntimeClient } from 'testcontainers';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { askDocker } from './ask-docker.ts';
import { boundAndWhole } from './bound-requests.ts';
import { noSuchThing, statusOf } from './docker-failure.ts';

/** How long a pull may take, in milliseconds. */
const pullTimeout = 300_000;

/**
 * Sees to it that the daemon has the image, pulling it if need be.
 *
 * @throws MayflyError `MAYFLY_IMAGE_UNAVAILABLE`, or `MAYFLY_DOCKER_UNAVAILABLE` where the daemon does not answer.
 */
export async function ensureImage(
  client: ContainerRuntimeClient,
  image: string,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (message: string) => void },
): Promise<void> {
  if (await hasImage(client, image, signal)) {
    return;
  }
  note(`pulling ${image}`);
  const { ImageName } = await import('testcontainers');
  const name = ImageName.fromString(image);
  const expired = (): Error => unavailable(image, `the pull took longer than ${pullTimeout} ms`);
  await withDeadline({ ms: pullTimeout, signal, expired }, async (bounded) => {
    try {
      await boundAndWhole(bounded, () => client.image.pull(name, { force: true, platform: undefined }));
    } catch (error) {
      throw unavailable(image, reasonOf(error), error);
    }
  });
  // A pull that breaks off half-way ends like one that succeeds.
  if (!(await hasImage(client, image, signal))) {
    throw unavailable(image, 'the pull ended without it');
  }
}

/**
 * Whether the daemon has the image. Testcontainers itself lets one ask after the other, so that whoever asks would have
 * to wait for somebody else's question that hangs.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED`; or the signal's own reason.
 */
export async function hasImage(client: ContainerRuntimeClient, image: string, signal: AbortSignal): Promise<boolean> {
  return askDocker({ what: `look for the image ${image}`, signal }, async () => {
    try {
      await client.container.dockerode.getImage(image).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === noSuchThing) {
        return false;
      }
      throw error;
    }
  });
}

function unavailable(image: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_IMAGE_UNAVAILABLE', {
    message: `The image ${image} is not on the Docker host and could not be pulled: ${reason}.`,
    remedy: 'Correct its name, log in to its registry, or name another in MAYFLY_POSTGRES_IMAGE or MAYFLY_REDIS_IMAGE.',
    phase: 'provision',
    cause,
  });
}
