import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectWebSocket } from '../websocket/connect-websocket.ts';
import type { App, FastifyApp } from './app.ts';
import { serveApp } from './serve-app.ts';

/** A request to `/slow` that has begun and is answered when it is released. */
class SlowRequest {
  readonly begun: Promise<void>;
  readonly #begin: () => void;
  readonly #answered = Promise.withResolvers<void>();

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.begun = promise;
    this.#begin = resolve;
  }

  async handle(): Promise<string> {
    this.#begin();
    await this.#answered.promise;
    return 'done';
  }

  release(): void {
    this.#answered.resolve();
  }
}

const forms: Readonly<Record<string, (slow: SlowRequest) => App>> = {
  'a fetch handler': (slow) => async (request: Request) =>
    new Response(request.url.endsWith('/slow') ? await slow.handle() : 'hi'),
  'a Node listener': (slow) => async (request, response) => {
    response.end(request.url === '/slow' ? await slow.handle() : 'hi');
  },
  'an http.Server': (slow) =>
    createServer((request, response) => {
      if (request.url === '/slow') {
        void slow.handle().then((body) => response.end(body));
      } else {
        response.end('hi');
      }
    }),
  'an application of Fastify': (slow) => {
    const app = fastify();
    app.get('/', async () => 'hi');
    app.get('/slow', () => slow.handle());
    return app;
  },
};

describe.each(Object.entries(forms))('of %s', (_, make) => {
  test('lets a running request finish, and accepts no other', async () => {
    const slow = new SlowRequest();
    const app = await serveApp(make(slow), { grace: 60_000 });
    const asking = app.fetch('/slow');
    await slow.begun;

    const stopping = app.stop();
    await expect(fetch(app.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    slow.release();

    const answer = await asking;
    expect(await answer.text()).toBe('done');
    expect(answer.headers.get('connection')).toBe('close');
    await stopping;
    expect(app.logs).toEqual([]);
  });

  test('ends connections that are kept open for another request, or have sent none', async () => {
    const app = await serveApp(make(new SlowRequest()), { grace: 60_000 });
    const agent = new Agent({ keepAlive: true });
    const kept = await askAndKeep(app.port, agent);
    const silent = connect(app.port, '127.0.0.1').resume();
    await once(silent, 'connect');
    const ended = Promise.all([once(kept, 'close'), once(silent, 'close')]);

    await app.stop();

    await expect(ended).resolves.toBeDefined();
    agent.destroy();
  });

  test('cuts off what does not end within its time', async () => {
    const slow = new SlowRequest();
    const app = await serveApp(make(slow), { grace: 20 });
    const asking = app.fetch('/slow').catch((error: unknown) => error);
    await slow.begun;

    await Promise.all([app.stop(), app.stop()]);

    expect(await asking).toMatchObject({ code: 'MAYFLY_APP_EXITED', cause: { message: 'fetch failed' } });
    expect(app.logs).toEqual([
      'stopped while 1 of its connections still waited for an answer, 20 ms after it was told to',
    ]);
    slow.release();
  });
});

test('ends open WebSockets at once, after what has been sent to them', async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  const app = await serveApp(server, { grace: 60_000 });
  const client = new WebSocket(app.websocketUrl());
  await once(client, 'open');
  const [socket] = sockets.clients;
  const farewell = once(client, 'message');
  const closed = once(client, 'close');

  socket?.send('bye');
  await app.stop();

  expect(((await farewell) as [MessageEvent])[0].data).toBe('bye');
  await closed;
  expect(sockets.clients.size).toBe(0);
});

test('lets an application that closes itself say goodbye to its WebSockets', async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  const closing: FastifyApp = {
    server,
    listen: async ({ port, host }) => once(server.listen(port, host), 'listening'),
    close: async () => {
      sockets.clients.forEach((socket) => socket.close(1001, 'going away'));
      await once(server.close(), 'close');
    },
  };
  const app = await serveApp(closing);
  const client = await connectWebSocket(app.websocketUrl());

  await app.stop();

  await expect(client.closed).resolves.toEqual({ code: 1001, reason: 'going away' });
});

test('waits for a handler whose client has left', async () => {
  const slow = new SlowRequest();
  const left = Promise.withResolvers<void>();
  const life: string[] = [];
  const app = await serveApp(
    {
      listener: async ({ socket }) => {
        socket.once('close', () => left.resolve());
        await slow.handle();
        life.push('handled');
      },
    },
    { grace: 60_000 },
  );
  const asking = get({ host: '127.0.0.1', port: app.port, agent: false }).on('error', () => {});
  await slow.begun;
  asking.destroy();
  await left.promise;

  const stopping = app.stop().then(() => life.push('stopped'));
  // Nobody is connected any longer: but for the handler it would end at least as fast as this one.
  await (await serveApp(() => new Response())).stop();
  expect(life).toEqual([]);
  slow.release();
  await stopping;

  expect(life).toEqual(['handled', 'stopped']);
});

test('ends once, however often it is asked for', async () => {
  const slow = new SlowRequest();
  const app = await serveApp(async () => new Response(await slow.handle()));
  const asking = app.fetch('/');
  await slow.begun;

  const stops = [app.stop(), app.stop(), app[Symbol.asyncDispose]()];
  slow.release();

  await expect(Promise.all([...stops, asking, app.stop()])).resolves.toBeDefined();
});

test('is told to whoever asks afterwards', async () => {
  const app = await serveApp(() => new Response('hi'));
  await app.stop();

  await expect(app.fetch('/')).rejects.toMatchObject({
    code: 'MAYFLY_APP_EXITED',
    message: expect.stringMatching(/^The application has been stopped\. Ask it before `stop\(\)`/),
  });
});

test('does not wait for ever for what an application does at its end', async () => {
  const app = fastify();
  app.addHook('onClose', () => new Promise(() => {}));
  const served = await serveApp(app, { grace: 20 });

  await expect(served.stop()).rejects.toMatchObject({
    code: 'MAYFLY_APP_NOT_STOPPED',
    message: expect.stringMatching(/^The application had not ended \d+ ms after it was told to\./),
  });
});

/** Asks, and gives the connection that is kept for the next request. */
async function askAndKeep(port: number, agent: Agent): Promise<Socket> {
  const [response] = (await once(get({ host: '127.0.0.1', port, agent }), 'response')) as [IncomingMessage];
  response.resume();
  const [socket] = (await once(agent, 'free')) as [Socket];
  return socket;
}
