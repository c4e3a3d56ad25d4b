import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilReady } from '../../service/poll.ts';
import { appExited, appNotReady } from './app-failure.ts';
import type { RunningApp } from './running-app.ts';

const host = '127.0.0.1';

/** How readiness is asked for. */
export interface Readiness {
  /** Answers 2xx when the application is ready; where there is none, that it accepts connections is enough. */
  readonly health: string | undefined;
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** The name of the service, where it is one. */
  readonly service?: string | undefined;
}

/**
 * Asks an application every few milliseconds until it is ready, and ends as soon as it does.
 *
 * @throws MayflyError `MAYFLY_APP_EXITED` or `MAYFLY_APP_NOT_READY`, with its last lines; or the signal's own reason.
 */
export async function waitUntilReady(app: RunningApp, { health, timeout, signal, service }: Readiness): Promise<void> {
  const over = new AbortController();
  let ending: string | undefined;
  const watch = async (): Promise<void> => {
    ending = await app.ended;
    over.abort();
  };
  void watch();
  let cause: unknown = 'it has not answered yet';
  const either = AbortSignal.any([signal, over.signal]);
  const expired = (): Error => appNotReady({ title: app.title, service, logs: app.logs, cause }, timeout);
  try {
    await withDeadline({ ms: timeout, signal: either, expired }, (bounded) =>
      pollUntilReady(() => ask(app.port, health, bounded), {
        signal: bounded,
        onFailure: (error) => {
          cause = error;
        },
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (ending !== undefined) {
      throw appExited({ title: app.title, service, logs: app.logs }, 'before it was ready', ending);
    }
    throw error;
  }
}

/** Asks whether an application is ready, and throws why not. */
export async function ask(port: number, health: string | undefined, signal: AbortSignal): Promise<void> {
  if (health === undefined) {
    await askPort(port, signal);
  } else {
    await askHealth(port, health, signal);
  }
}

async function askPort(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port, signal });
  try {
    await once(socket, 'connect');
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

/** On a connection of its own, which nobody keeps. */
async function askHealth(port: number, path: string, signal: AbortSignal): Promise<void> {
  const request = get({ host, port, path, signal, agent: false });
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      throw new Error(`GET ${path} answered ${status}`);
    }
  } finally {
    request.on('error', () => {});
    request.destroy();
  }
}
