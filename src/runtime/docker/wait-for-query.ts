import type { BoundPorts, WaitStrategy } from 'testcontainers';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { serverExited, serverNotReady } from '../server-failure.ts';
import { lastLogLines, type Container } from './container-log.ts';

/** How long a server may take to answer, in milliseconds. Less than a service's start, so that its log is shown. */
const readyTimeout = 25_000;

interface WaitOptions {
  readonly service: string;
  /** Asks the server, given where its ports are published; throws while it does not answer. */
  readonly ask: (published: BoundPorts) => Promise<void>;
  readonly signal: AbortSignal;
  /** In milliseconds. */
  readonly timeout?: number;
}

/**
 * A wait strategy that asks the server itself every few milliseconds, rather than Docker about a health check, and
 * ends as soon as the container does.
 */
export function waitForQuery(options: WaitOptions): WaitStrategy {
  const strategy: WaitStrategy = {
    waitUntilReady: (container, boundPorts) => untilReady(container, options, () => options.ask(boundPorts)),
    // The deadline is ours: the modules set one of their own, which would pass unnoticed.
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => readyTimeout,
  };
  return strategy;
}

async function untilReady(
  container: Container,
  { service, signal, timeout = readyTimeout }: WaitOptions,
  ask: () => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  let lastFailure: unknown = 'it has not answered yet';
  let ending: string | undefined;
  const ended = new AbortController();
  const watch = new AbortController();
  void watchForEnd(container, watch.signal, (how) => {
    ending = how;
    ended.abort();
  });
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    await withDeadline({ ms: timeout, signal: either, expired: () => new Error('too late') }, (bounded) =>
      pollUntilReady(ask, {
        signal: bounded,
        onFailure: (error) => {
          lastFailure = error;
        },
      }),
    );
  } catch {
    signal.throwIfAborted();
    const failing = { service, output: await lastLogLines(container), cause: lastFailure };
    throw ending === undefined
      ? serverNotReady(failing, Math.min(performance.now() - begun, timeout))
      : serverExited(failing, ending);
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
