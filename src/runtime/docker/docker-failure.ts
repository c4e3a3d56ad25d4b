import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';

/** No daemon was found. */
export function dockerUnavailable(reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_DOCKER_UNAVAILABLE', {
    message: `The Docker daemon does not answer: ${reason}.`,
    remedy: 'Start Docker, set DOCKER_HOST, or choose another runtime, such as MAYFLY_RUNTIME=embedded.',
    phase: 'select',
    cause,
  });
}

/** The daemon was there before, and did not do `what`, in words that complete "it was to …". */
export function dockerLost(what: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('MAYFLY_DOCKER_UNAVAILABLE', {
    message: `The Docker daemon does not answer any longer: it was to ${what}, and ${reason}.`,
    remedy: 'See that Docker runs and has room to breathe; what it could not remove is taken away later.',
    cause,
  });
}

/** The daemon answered that it does not do `what`. */
function dockerRefused(what: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_DOCKER_REFUSED', {
    message: `The Docker daemon was to ${what}, and did not: ${reasonOf(cause)}.`,
    remedy: 'Mend what it complains of; `docker info` and its log say more.',
    cause,
  });
}

/** An error of the Docker client as one of ours; whatever else was thrown as it is. */
export function inOurWords(what: string, error: unknown): unknown {
  if (statusOf(error) !== undefined) {
    return dockerRefused(what, error);
  }
  return isUnreachable(error) ? dockerLost(what, reasonOf(error), error) : error;
}

/** Whether nobody answered, as opposed to an answer that says no. */
export function isUnreachable(error: unknown): boolean {
  const { syscall, code = '' } = error as NodeJS.ErrnoException;
  return syscall === 'connect' || /^(ECONNRESET|EPIPE|ETIMEDOUT|HPE_.*)$/.test(code);
}

/** The status of an answer that says that what was asked about is not there. */
export const noSuchThing = 404;

/** The HTTP status of the daemon's answer, where that is what failed. */
export function statusOf(error: unknown): number | undefined {
  return (error as { readonly statusCode?: number }).statusCode;
}
