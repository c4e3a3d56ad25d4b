import type { BoundPorts, WaitStrategy } from 'testcontainers';
import { reasonOf } from '../../errors/reason.ts';
import { waitForServer } from '../wait-for-server.ts';
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
export function waitForQuery({ service, ask, signal, timeout = readyTimeout }: WaitOptions): WaitStrategy {
  const strategy: WaitStrategy = {
    waitUntilReady: (container, boundPorts) =>
      waitForServer(
        {
          service,
          ask: () => ask(boundPorts),
          ended: (watch) => endOf(container, watch),
          lastLines: () => lastLogLines(container),
        },
        { ms: timeout, signal },
      ),
    // The deadline is ours: the modules set one of their own, which would pass unnoticed.
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => readyTimeout,
  };
  return strategy;
}

/** Resolves when the container has ended, or nobody wants to know any longer. */
async function endOf(container: Container, abortSignal: AbortSignal): Promise<string> {
  try {
    const { StatusCode } = (await container.wait({ abortSignal })) as { readonly StatusCode: number };
    return `exit code ${StatusCode}`;
  } catch (error) {
    return reasonOf(error);
  }
}
