import type { BoundPorts, WaitStrategy } from 'testcontainers';
import { reasonOf } from '../../errors/reason.ts';
import { waitForServer } from '../wait-for-server.ts';
import { boundAndWhole } from './bound-requests.ts';
import { lastLogLines, type Container } from './container-log.ts';
import { inOurWords, isUnreachable } from './docker-failure.ts';

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
    waitUntilReady: async (container, boundPorts) => {
      let lost: unknown;
      const ended = (watch: AbortSignal): Promise<string> =>
        endOf(container, watch, (error) => {
          lost = inOurWords(`run the container of ${service}`, error);
        });
      const lastLines = (): Promise<string[]> => lastLogLines(container, signal);
      try {
        await waitForServer({ service, ask: () => ask(boundPorts), ended, lastLines }, { ms: timeout, signal });
      } catch (error) {
        throw lost ?? error;
      }
    },
    // The deadline is ours: the modules set one of their own, which would pass unnoticed.
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => readyTimeout,
  };
  return strategy;
}

/** Resolves when the container has ended, or nobody wants to know any longer, or the daemon itself has gone. */
async function endOf(container: Container, watch: AbortSignal, onLost: (error: unknown) => void): Promise<string> {
  try {
    const { StatusCode } = await boundAndWhole(
      watch,
      async () => (await container.wait()) as { readonly StatusCode: number },
    );
    return `exit code ${StatusCode}`;
  } catch (error) {
    if (!watch.aborted && isUnreachable(error)) {
      onLost(error);
    }
    return reasonOf(error);
  }
}
