import type { WaitStrategy } from 'testcontainers';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { serverExited, serverNotReady } from '../server-failure.ts';
import { lastLogLines, type Container } from './container-log.ts';

/** How long a server may take to answer, in milliseconds. Less than a service's start, so that its log is shown. */
const readyTimeout = 25_000;

interface WaitOptions {
  readonly service: string;
  /** Inside the container. */
  readonly port: number;
  /** Asks the server at this port of the Docker host; throws while it does not answer. */
  readonly ask: (port: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * A wait strategy that asks the server itself every few milliseconds, rather than Docker about a health check, and
 * ends as soon as the container does.
 */
export function waitForQuery({ service, port, ask, signal }: WaitOptions): WaitStrategy {
  const strategy: WaitStrategy = {
    waitUntilReady: (container, boundPorts) =>
      untilReady(container, service, signal, () => ask(boundPorts.getBinding(port))),
    // The deadline is ours: the modules set one of their own, which would pass unnoticed.
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => readyTimeout,
  };
  return strategy;
}

async function untilReady(
  container: Container,
  service: string,
  signal: AbortSignal,
  ask: () => Promise<void>,
): Promise<void> {
  let reason = 'it has not answered yet';
  let ending: string | undefined;
  const watch = new AbortController();
  void watchForEnd(container, watch.signal, (how) => {
    ending = how;
  });
  const deadline = { ms: readyTimeout, signal, expired: () => new Error(reason) };
  try {
    await withDeadline(deadline, (bounded) =>
      pollUntilReady(ask, {
        signal: bounded,
        onFailure: (error) => {
          reason = reasonOf(error);
          if (ending !== undefined) {
            throw error;
          }
        },
      }),
    );
  } catch {
    signal.throwIfAborted();
    const failing = { service, output: await lastLogLines(container) };
    throw ending === undefined ? serverNotReady(failing, readyTimeout, reason) : serverExited(failing, ending);
  } finally {
    watch.abort();
  }
}

async function watchForEnd(
  container: Container,
  abortSignal: AbortSignal,
  onEnd: (how: string) => void,
): Promise<void> {
  try {
    const { StatusCode } = (await container.wait({ abortSignal })) as { readonly StatusCode: number };
    onEnd(`exit code ${StatusCode}`);
  } catch (error) {
    if (!abortSignal.aborted) {
      onEnd(reasonOf(error));
    }
  }
}
