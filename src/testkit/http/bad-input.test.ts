import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { appService } from './app-service.ts';
import type { App } from './app.ts';
import { serveApp } from './serve-app.ts';

test.each([
  { what: 'nothing', app: undefined, says: /none that can be served: undefined/ },
  { what: 'null', app: null, says: /none that can be served: null/ },
  { what: 'a URL', app: 'http://127.0.0.1:3000', says: /none that can be served: 'http:/ },
  { what: 'an object of another kind', app: { callback: () => {} }, says: /callback.*Koa’s `callback\(\)`/ },
  { what: 'a server with a certificate', app: createSecureServer(), says: /none that can be served: / },
  {
    what: 'fetch that is no function',
    app: { fetch: 'GET /' },
    says: /`fetch` of the application is not a function but 'GET \/'/,
  },
  {
    what: 'a listener that is no function',
    app: { listener: [] },
    says: /`listener` of the application is not a function/,
  },
  {
    what: 'two things at once',
    app: { fetch: () => new Response(), command: 'node' },
    says: /has `fetch` and `command`, of which only one can be meant/,
  },
  { what: 'an empty command', app: { command: '' }, says: /command to serve is not valid[^]*at command/ },
  { what: 'a command with other fields', app: { command: 'node', arguments: [] }, says: /"arguments"/ },
  { what: 'parameters in one text', app: { command: 'node', args: 'server.js' }, says: /at args/ },
  {
    what: 'a parameter with a null character',
    app: { command: 'node', args: ['a\0'] },
    says: /null character[^]*args\[0\]/,
  },
  { what: 'a number as a variable', app: { command: 'node', env: { LIMIT: 3 } }, says: /at env\.LIMIT/ },
  { what: 'a port as a variable', app: { command: 'node', env: { PORT: '80' } }, says: /PORT is chosen for it/ },
  {
    what: 'a directory that is not there',
    app: { command: 'node', cwd: '/no/such' },
    says: /directory \/no\/such to run "node"/,
  },
  { what: 'a file as a directory', app: { command: 'node', cwd: new URL(import.meta.url) }, says: /does not exist/ },
])('$what is no application', async ({ app, says }) => {
  await expect(serveApp(app as App)).rejects.toMatchObject({
    code: 'MAYFLY_APP_INVALID',
    message: expect.stringMatching(says),
  });
});

test.each([
  {
    what: 'a server',
    make: async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    },
  },
  {
    what: 'an application of Fastify',
    make: async () => {
      const app = fastify();
      await app.listen({ port: 0, host: '127.0.0.1' });
      return app;
    },
  },
])('$what that listens already is left as it is', async ({ make }) => {
  const app = await make();

  await expect(serveApp(app)).rejects.toMatchObject({
    code: 'MAYFLY_APP_INVALID',
    message: expect.stringContaining('is listening already'),
  });
  const server = 'server' in app ? app.server : app;
  expect(server.listening).toBe(true);
  server.close();
  await once(server, 'close');
});

describe('a function that was taken for the other kind says so at its first request', () => {
  test.each([
    {
      what: 'a listener that names one parameter',
      app: (request: IncomingMessage) => void request.url,
      says: /taken as a fetch handler and gave no Response but undefined.*write `\{ listener \}`/,
    },
    {
      what: 'a fetch handler that names two parameters',
      app: (request: unknown, context: unknown) => new Response(String(request === context)),
      says: /taken as a Node listener, for its two parameters, and gave a Response.*write `\{ fetch \}`/,
    },
    {
      what: 'a fetch handler that gives its answer later',
      app: async (request: unknown, context: unknown) => new Response(String(request === context)),
      says: /write `\{ fetch \}`/,
    },
  ])('$what', async ({ app, says }) => {
    await using served = await serveApp(app as App);

    expect((await served.fetch('/')).status).toBe(500);
    expect(served.logs.join('\n')).toMatch(says);
    expect(served.logs.join('\n')).toContain("code: 'MAYFLY_APP_INVALID'");
  });
});

const options = [
  { what: 'a health that is no path', options: { health: 'health' }, says: /at health/ },
  { what: 'a timeout of nothing', options: { timeout: 0 }, says: /at timeout/ },
  { what: 'a timeout that no timer can have', options: { timeout: Infinity }, says: /at timeout/ },
  { what: 'a negative grace', options: { grace: -1 }, says: /at grace/ },
  { what: 'an option that there is not', options: { port: 3000 }, says: /"port"/ },
];

test.each([
  ...options,
  { what: 'a signal that is none', options: { signal: 'SIGTERM' }, says: /AbortSignal/ },
  { what: 'options that are none', options: 'fast', says: /serveApp/ },
])('serveApp refuses $what', async ({ options: given, says }) => {
  await expect(serveApp(() => new Response(), given as object)).rejects.toMatchObject({
    code: 'MAYFLY_INPUT_INVALID',
    message: expect.stringMatching(says),
  });
});

test.each([
  ...options,
  { what: 'an application that nobody makes', options: { app: {} }, says: /at app/ },
  { what: 'a function of services in general', options: { stop: () => {} }, says: /"stop"/ },
])('appService refuses $what', ({ options: given, says }) => {
  expect(() => appService({ app: () => () => new Response(), ...(given as object) })).toThrow(
    expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringMatching(says) }),
  );
});

test('appService refuses no definition at all, and a name that is none', () => {
  expect(() => appService(undefined as never)).toThrow(expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID' }));
  expect(() => appService({ name: 'My app', app: () => () => new Response() })).toThrow(
    expect.objectContaining({ code: 'MAYFLY_DEFINITION_INVALID' }),
  );
});

test.each(['https://example.org/', '//example.org/', 'http://[', 'http://127.0.0.1:1/'])(
  '%j is not a path of an application',
  async (path) => {
    await using app = await serveApp(() => new Response());

    await expect(app.fetch(path)).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
    expect(() => app.websocketUrl(path)).toThrow(expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID' }));
  },
);
