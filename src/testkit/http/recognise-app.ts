import { statSync } from 'node:fs';
import { Server } from 'node:http';
import { inspect } from 'node:util';
import { z } from 'zod';
import { appInvalid } from './app-failure.ts';
import type { App, AppCommand, FastifyApp, FetchHandler, NodeListener } from './app.ts';

/** An application of which it is known what it is. */
export type RecognisedApp =
  | { readonly kind: 'fetch'; readonly handler: FetchHandler }
  | { readonly kind: 'listener'; readonly listener: NodeListener }
  | { readonly kind: 'server'; readonly server: Server }
  | { readonly kind: 'fastify'; readonly app: FastifyApp }
  | { readonly kind: 'command'; readonly command: AppCommand };

const forms =
  'Give a fetch handler or `{ fetch }`, a Node listener or `{ listener }`, an `http.Server`, a Fastify application, or `{ command, args }`; of others what they have of these, such as Koa’s `callback()` or Nest’s `getHttpServer()`.';

/** The system cannot pass one on. */
const text = z.string().refine((value) => !value.includes('\0'), 'expected no null character');

const commandSchema = z.strictObject({
  command: text.min(1),
  args: z.array(text).optional(),
  cwd: z.union([text, z.instanceof(URL)]).optional(),
  env: z
    .record(text, text)
    .refine((env) => !('PORT' in env), 'PORT is chosen for it: leave it out')
    .optional(),
});

/** @throws MayflyError `MAYFLY_APP_INVALID` where it is none, could be several, or listens already. */
export function recogniseApp(app: App): RecognisedApp {
  const given: unknown = app;
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) {
    throw unknownForm(given);
  }
  if (given instanceof Server) {
    return { kind: 'server', server: idle(given as Server) };
  }
  if (isFastify(given)) {
    idle(given.server);
    return { kind: 'fastify', app: given };
  }
  const fields = (['fetch', 'listener', 'command'] as const).filter((field) => field in given);
  const [field] = fields;
  if (fields.length > 1) {
    throw appInvalid(
      `The application has ${fields.map((name) => `\`${name}\``).join(' and ')}, of which only one can be meant.`,
      'Leave out the other.',
    );
  }
  if (field === undefined) {
    return typeof given === 'function' ? byParameters(given as NodeListener) : refuse(given);
  }
  return byField(given as Readonly<Record<typeof field, unknown>>, field);
}

function byParameters(given: NodeListener | FetchHandler): RecognisedApp {
  return given.length >= 2
    ? { kind: 'listener', listener: given as NodeListener }
    : { kind: 'fetch', handler: given as FetchHandler };
}

function byField(
  given: Readonly<Record<'fetch' | 'listener' | 'command', unknown>>,
  field: 'fetch' | 'listener' | 'command',
): RecognisedApp {
  if (field === 'command') {
    return { kind: 'command', command: validCommand(given) };
  }
  if (typeof given[field] !== 'function') {
    throw appInvalid(`\`${field}\` of the application is not a function but ${shown(given[field])}.`, forms);
  }
  // Called on what they belong to.
  return field === 'fetch'
    ? { kind: 'fetch', handler: (request) => (given as { readonly fetch: FetchHandler }).fetch(request) }
    : {
        kind: 'listener',
        listener: (request, response) => (given as { readonly listener: NodeListener }).listener(request, response),
      };
}

function validCommand(given: unknown): AppCommand {
  const parsed = commandSchema.safeParse(given);
  if (!parsed.success) {
    throw appInvalid(
      `The command to serve is not valid:\n${z.prettifyError(parsed.error)}\n`,
      'Correct the fields named above.',
    );
  }
  const command = parsed.data as AppCommand;
  if (command.cwd !== undefined && statSync(command.cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw appInvalid(
      `The directory ${String(command.cwd)} to run "${command.command}" in does not exist.`,
      'Correct `cwd`.',
    );
  }
  return command;
}

function idle(server: Server): Server {
  if (server.listening) {
    throw appInvalid(
      'The server given is listening already.',
      'Leave `listen` to serveApp: it finds a free port, and closes the server again.',
    );
  }
  return server;
}

function isFastify(given: object): given is FastifyApp {
  const { server, listen, close } = given as Readonly<Record<keyof FastifyApp, unknown>>;
  return server instanceof Server && typeof listen === 'function' && typeof close === 'function';
}

function unknownForm(given: unknown): Error {
  return appInvalid(`The application is none that can be served: ${shown(given)}.`, forms);
}

function refuse(given: unknown): never {
  throw unknownForm(given);
}

function shown(given: unknown): string {
  return inspect(given, { depth: 0, breakLength: Infinity }).slice(0, 100);
}
