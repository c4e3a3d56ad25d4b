import type { ContainerRuntimeClient } from 'testcontainers';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';

/** How long a pull may take, in milliseconds. */
const pullTimeout = 300_000;

/**
 * Sees to it that the daemon has the image, pulling it if need be.
 *
 * @throws MayflyError `MAYFLY_IMAGE_UNAVAILABLE`.
 */
export async function ensureImage(
  client: ContainerRuntimeClient,
  image: string,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (message: string) => void },
): Promise<void> {
  const { ImageName } = await import('testcontainers');
  const name = ImageName.fromString(image);
  if (await client.image.exists(name)) {
    return;
  }
  note(`pulling ${image}`);
  const expired = (): Error => unavailable(image, `the pull took longer than ${pullTimeout} ms`);
  await withDeadline({ ms: pullTimeout, signal, expired }, async () => {
    try {
      await client.image.pull(name);
    } catch (error) {
      throw unavailable(image, reasonOf(error), error);
    }
  });
  // A pull that breaks off half-way ends like one that succeeds.
  if (!(await client.image.exists(name))) {
    throw unavailable(image, 'the pull ended without it');
  }
}

function unavailable(image: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_IMAGE_UNAVAILABLE', {
    message: `The image ${image} is not on the Docker host and could not be pulled: ${reason}.`,
    remedy: 'Correct its name, log in to its registry, or name another in MAYFLY_POSTGRES_IMAGE or MAYFLY_REDIS_IMAGE.',
    phase: 'provision',
    cause,
  });
}
