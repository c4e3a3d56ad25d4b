import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pause } from '../../service/pause.ts';
import { boundAndWhole } from './bound-requests.ts';
import { dockerLost, inOurWords, isUnreachable } from './docker-failure.ts';

/** How long the daemon may take to answer a question, in milliseconds. */
const answerTimeout = 10_000;

/** How long is waited before a daemon that nobody reached is asked again, in milliseconds. */
const interval = 100;

/** A call to the daemon. */
export interface DockerCall {
  /** In words that complete "it was to …". */
  readonly what: string;
  readonly signal: AbortSignal;
  /** In milliseconds. */
  readonly timeout?: number;
  /** Whether a daemon that cannot be reached is asked again until the deadline: it may be coming back. */
  readonly isPatient?: boolean;
}

/**
 * Asks the daemon for something within a deadline. However it ends, no request of it is left.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` where it does not answer in time, `MAYFLY_DOCKER_REFUSED` where it
 * answers with an error; or the signal's own reason.
 */
export async function askDocker<T>(call: DockerCall, question: () => Promise<T>): Promise<T> {
  const { what, signal, timeout = answerTimeout, isPatient = false } = call;
  let lastFailure: unknown;
  const expired = (): Error => {
    const why = lastFailure === undefined ? '' : ` (${reasonOf(lastFailure)})`;
    return dockerLost(what, `has not within ${timeout} ms${why}`, lastFailure);
  };
  return withDeadline({ ms: timeout, signal, expired }, async (bounded) => {
    for (;;) {
      try {
        return await boundAndWhole(bounded, question);
      } catch (error) {
        if (!isPatient || !isUnreachable(error)) {
          throw inOurWords(what, error);
        }
        lastFailure = error;
      }
      await pause(interval, bounded);
    }
  });
}
