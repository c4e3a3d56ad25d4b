import { withDeadline } from '../service/deadline.ts';
import { pollUntilReady } from '../service/poll.ts';
import { serverExited, serverNotReady } from './server-failure.ts';

/** A server that is starting, and how to find out what becomes of it. */
export interface StartingServer {
  /** The name of its service. */
  readonly service: string;
  /** Asks the server; throws while it does not answer. The signal is aborted when nobody waits any longer. */
  readonly ask: (signal: AbortSignal) => Promise<void>;
  /** Whether a failed question means that no later one can succeed, so that there is nothing to wait for. */
  readonly isHopeless?: ((error: unknown) => boolean) | undefined;
  /** Resolves when the server has ended, with how, in words. The signal is aborted when nobody waits any longer. */
  readonly ended: (signal: AbortSignal) => Promise<string>;
  readonly lastLines: () => Promise<readonly string[]>;
  /** Whether the disk with its data is seen to be full, where that can be seen from here. */
  readonly isFull?: (() => Promise<boolean>) | undefined;
}

/**
 * Asks a server every few milliseconds until it answers, and ends as soon as the server does: it does not wait for the
 * answer to a question that is under way.
 *
 * @throws MayflyError `MAYFLY_SERVER_EXITED` or `MAYFLY_SERVER_NOT_READY`, with its last lines; `MAYFLY_DISK_UNUSABLE`,
 * with one of these as its cause, where there is no room for its data.
 */
export async function waitForServer(
  { service, ask, isHopeless, ended, lastLines, isFull }: StartingServer,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<void> {
  const begun = performance.now();
  let lastFailure: unknown = 'it has not answered yet';
  let ending: string | undefined;
  // A question may go on for seconds where somebody else listens on the port and says nothing.
  const over = new AbortController();
  const watch = new AbortController();
  const watchForEnd = async (): Promise<void> => {
    ending = await ended(watch.signal);
    over.abort();
  };
  void watchForEnd();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    await withDeadline({ ms, signal: either, expired: () => new Error('too late') }, (bounded) =>
      pollUntilReady(() => ask(bounded), {
        signal: bounded,
        onFailure: (error) => {
          lastFailure = error;
          if (isHopeless?.(error) === true) {
            throw error;
          }
        },
      }),
    );
  } catch {
    signal.throwIfAborted();
    const failing = { service, output: await lastLines(), cause: lastFailure, isFull: await isFull?.() };
    throw ending === undefined
      ? serverNotReady(failing, Math.min(performance.now() - begun, ms))
      : serverExited(failing, ending);
  } finally {
    watch.abort();
  }
}
