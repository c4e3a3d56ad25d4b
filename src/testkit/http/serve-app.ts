import { z } from 'zod';
import { abortSignal, validOptions } from '../wait-options.ts';
import type { App, FetchHandler } from './app.ts';
import type { ServedApp } from './served-app.ts';
import { appOptions, startApp, type AppOptions } from './start-app.ts';

/** How an application is served. */
export interface ServeOptions extends AppOptions {
  /** Gives the start up, with the signal's own reason; what has begun is ended first. */
  readonly signal?: AbortSignal;
}

const schema = z.strictObject({ ...appOptions, signal: abortSignal });

/**
 * Serves an application on a free port of the loopback address, and resolves when it is ready. Handlers of this process
 * run in the async context of this call.
 *
 * Errors: `MAYFLY_APP_INVALID` for what is no application, `MAYFLY_APP_EXITED` for a command that ended too early,
 * `MAYFLY_APP_NOT_READY`, both with the last lines that it printed, `MAYFLY_INPUT_INVALID` for the options.
 *
 * @example
 * ```ts
 * await using app = await serveApp(new Hono().get('/', (context) => context.text('hello')));
 * const answer = await app.fetch('/');
 * ```
 */
export async function serveApp(app: FetchHandler, options?: ServeOptions): Promise<ServedApp>;
export async function serveApp(app: App, options?: ServeOptions): Promise<ServedApp>;
export async function serveApp(app: App, options?: ServeOptions): Promise<ServedApp> {
  const { signal, ...valid } = validOptions(schema, options ?? {}, 'serveApp');
  return startApp(app, valid, { signal });
}
