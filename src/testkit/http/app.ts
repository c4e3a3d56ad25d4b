import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Answers a web-standard request: a Hono application's `fetch`, a route handler. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/** Answers a request of Node's own HTTP server: an Express application, Koa's `callback()`. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What is asked of a Fastify application, and of others that listen and close by themselves. */
export interface FastifyApp {
  readonly server: Server;
  listen(options: { readonly port: number; readonly host: string }): PromiseLike<unknown>;
  close(): PromiseLike<unknown>;
}

/**
 * A program that serves HTTP, run without a shell. It gets the port in the variable PORT, and 127.0.0.1 in HOST. One that
 * wants its port otherwise is told so by a shell: `{ command: 'sh', args: ['-c', 'exec vite --port "$PORT"'] }`.
 */
export interface AppCommand {
  readonly command: string;
  readonly args?: readonly string[];
  /** The directory it is run in; that of this process where it is left out. */
  readonly cwd?: string | URL;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * An application in any of the forms in which there are some. A plain function with two parameters or more is taken as
 * a Node listener, with fewer as a fetch handler; `{ listener }` and `{ fetch }` say it outright. An `http.Server` must
 * not be listening yet; one with upgrade handlers serves WebSockets too.
 */
export type App =
  | FetchHandler
  | NodeListener
  | { readonly fetch: FetchHandler }
  | { readonly listener: NodeListener }
  | Server
  | FastifyApp
  | AppCommand;
