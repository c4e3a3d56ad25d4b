import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withDeadline } from '../../service/deadline.ts';
import { appNotStarted, appNotStopped } from './app-failure.ts';
import type { FastifyApp, NodeListener } from './app.ts';
import { inCallingContext } from './calling-context.ts';
import { Connections } from './connections.ts';
import { LogLines } from './log-lines.ts';
import { fromFetch, fromListener, type Handling } from './node-listener.ts';
import type { RecognisedApp } from './recognise-app.ts';
import type { RunningApp, Start } from './running-app.ts';

type InProcess = Exclude<RecognisedApp, { readonly kind: 'command' }>;

const title = 'The application';
const host = '127.0.0.1';

/** How long an application has at least for what it does at its end when nobody is connected any longer, in milliseconds. */
const closeTimeout = 1_000;

/** A server in this process, and how it begins to listen and ends. */
interface Listening {
  readonly server: Server;
  readonly listen: () => PromiseLike<unknown>;
  /** Resolves when every connection has ended. */
  readonly close: () => PromiseLike<unknown>;
}

/** Has an application listen in this process, on a free port. */
export async function startServer(
  app: InProcess,
  { grace, service, timeout, signal }: Start & { readonly timeout: number; readonly signal: AbortSignal },
): Promise<RunningApp> {
  const logs = new LogLines();
  const { server, listen, close } = listeningOf(app);
  const connections = new Connections(server);
  const listener = listenerOf(app, { keep: (text) => logs.add(text), track: (work) => connections.track(work) });
  if (listener !== undefined) {
    server.on('request', listener);
  }
  const leaveContext = inCallingContext(server);
  const end = async (): Promise<void> => {
    const begun = performance.now();
    const closing = Promise.resolve(close());
    // It is waited for below.
    closing.catch(() => {});
    const cut = await connections.end(grace);
    if (cut > 0) {
      logs.add(`stopped while ${cut} of its connections still waited for an answer, ${grace} ms after it was told to`);
    }
    const expired = (): Error => appNotStopped({ title, service, logs: logs.all }, performance.now() - begun);
    const never = new AbortController().signal;
    try {
      await withDeadline({ ms: Math.max(grace, closeTimeout), signal: never, expired }, () => closing);
    } finally {
      connections.release();
      leaveContext();
    }
  };
  const late = (): Error => new Error(`it did not listen within ${timeout} ms`);
  try {
    await withDeadline({ ms: timeout, signal, expired: late }, async () => listen());
  } catch (cause) {
    await end().catch(() => {});
    signal.throwIfAborted();
    throw appNotStarted({ title, service, logs: logs.all, cause });
  }
  const { port } = server.address() as AddressInfo;
  return {
    port,
    title,
    get logs() {
      return logs.all;
    },
    ended: new Promise(() => {}),
    end,
  };
}

function listeningOf(app: InProcess): Listening {
  switch (app.kind) {
    case 'fetch':
    case 'listener':
      return plain(createServer());
    case 'server':
      return plain(app.server);
    case 'fastify':
      return ofFastify(app.app);
  }
}

/** What a server of ours answers with; one that is given has its own. */
function listenerOf(app: InProcess, handling: Handling): NodeListener | undefined {
  switch (app.kind) {
    case 'fetch':
      return fromFetch(app.handler, handling);
    case 'listener':
      return fromListener(app.listener, handling);
    case 'server':
    case 'fastify':
      return undefined;
  }
}

function plain(server: Server): Listening {
  return {
    server,
    listen: async () => {
      server.listen(0, host);
      await once(server, 'listening');
    },
    close: async () => {
      if (server.listening) {
        server.close();
        await once(server, 'close');
      }
    },
  };
}

/** Its hooks are run: what it opens when it is ready it closes again. */
function ofFastify(app: FastifyApp): Listening {
  return { server: app.server, listen: () => app.listen({ port: 0, host }), close: () => app.close() };
}
