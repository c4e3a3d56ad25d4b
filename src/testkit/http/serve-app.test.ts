import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { App } from './app.ts';
import { serveApp } from './serve-app.ts';

/** Applications that answer POST /echo with the body. */
const forms: Readonly<Record<string, () => App>> = {
  'a fetch handler': () => async (request: Request) => new Response(await request.text(), { status: 201 }),
  'a fetch handler without parameters': () => () => new Response('hi', { status: 201 }),
  'an object with fetch': () => ({ fetch: async (request) => new Response(await request.text(), { status: 201 }) }),
  'an application of Hono': () =>
    new Hono().post('/echo', async (context) => context.text(await context.req.text(), 201)),
  'a Node listener': () => (request, response) => void request.pipe(response.writeHead(201)),
  'an object with a listener': () => ({ listener: (request, response) => void request.pipe(response.writeHead(201)) }),
  'an application of Express': () =>
    express().post('/echo', express.text(), (request, response) => void response.status(201).send(request.body)),
  'an http.Server': () => createServer((request, response) => void request.pipe(response.writeHead(201))),
  'an application of Fastify': () =>
    fastify().post('/echo', async (request, reply) => reply.code(201).send(request.body)),
};

describe.each(Object.entries(forms))('%s', (_, make) => {
  test('is served on a free port of the loopback address until it is stopped', async () => {
    const app = await serveApp(make());

    const answer = await app.fetch('/echo', { method: 'POST', body: 'hi', headers: { 'content-type': 'text/plain' } });

    expect(app.url).toBe(`http://127.0.0.1:${app.port}`);
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe('hi');
    await app.stop();
    await expect(fetch(app.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});

test('an application of Fastify is ready when it is served, and its hooks are run at the end', async () => {
  const life: string[] = [];
  const app = fastify();
  app.register(async (plugin) => {
    life.push('registered');
    plugin.addHook('onClose', async () => void life.push('closed'));
  });

  await using served = await serveApp(app);
  expect(life).toEqual(['registered']);
  await served.stop();

  expect(life).toEqual(['registered', 'closed']);
});

test('what is disposed of is stopped', async () => {
  let url: string;
  {
    await using app = await serveApp(() => new Response('hi'));
    url = app.url;
  }

  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('two applications have ports of their own', async () => {
  await using one = await serveApp(() => new Response('one'));
  await using other = await serveApp(() => new Response('other'));

  expect(await (await one.fetch('/')).text()).toBe('one');
  expect(await (await other.fetch('/')).text()).toBe('other');
});

test('a server serves WebSockets by the upgrade handlers that it has', async () => {
  const server = createServer();
  new WebSocketServer({ server, path: '/live' }).on('connection', (socket) =>
    socket.on('message', (data: Buffer) => socket.send(`heard ${data.toString()}`)),
  );
  await using app = await serveApp(server);
  const client = new WebSocket(app.websocketUrl('/live?from=3'));
  await once(client, 'open');

  client.send('you');

  const [message] = (await once(client, 'message')) as [MessageEvent];
  expect(message.data).toBe('heard you');
  expect(app.websocketUrl()).toBe(`ws://127.0.0.1:${app.port}/`);
});

test('a server can be served again after it was stopped, and has nothing of ours then', async () => {
  const server = createServer((_, response) => response.end('hi'));
  const before = server.eventNames().map((name) => [name, server.listenerCount(name)]);
  await (await serveApp(server)).stop();

  expect(server.eventNames().map((name) => [name, server.listenerCount(name)])).toEqual(before);
  expect(Object.hasOwn(server, 'emit')).toBe(false);
  await using app = await serveApp(server);
  expect(await (await app.fetch('/')).text()).toBe('hi');
});

describe('health', () => {
  test('is asked until it answers 2xx', async () => {
    const answers = [503, 404, 302, 204];
    const asked: string[] = [];
    await using app = await serveApp(
      (request: Request) => {
        asked.push(new URL(request.url).pathname);
        return new Response(null, { status: answers[asked.length - 1] ?? 500, headers: { location: '/elsewhere' } });
      },
      { health: '/health' },
    );

    expect(asked).toEqual(['/health', '/health', '/health', '/health']);
    expect(app.logs).toEqual([]);
  });

  test('that never comes ends the start with what was answered last, and nothing listens any longer', async () => {
    const server = createServer((_, response) => response.writeHead(503).end());

    await expect(serveApp(server, { health: '/ready', timeout: 100 })).rejects.toMatchObject({
      code: 'MAYFLY_APP_NOT_READY',
      message: expect.stringMatching(/^The application was not ready within 100 ms: GET \/ready answered 503\./),
    });
    expect(server.listening).toBe(false);
  });

  test('that does not answer at all ends the start too', async () => {
    const server = createServer(() => {});

    await expect(serveApp(server, { health: '/', timeout: 50, grace: 0 })).rejects.toMatchObject({
      code: 'MAYFLY_APP_NOT_READY',
      message: expect.stringContaining('it has not answered yet'),
    });
    expect(server.listening).toBe(false);
  });

  test('is not waited for once the signal is aborted', async () => {
    const server = createServer((_, response) => response.writeHead(503).end(() => controller.abort(reason)));
    const controller = new AbortController();
    const reason = new Error('enough');

    await expect(serveApp(server, { health: '/', signal: controller.signal })).rejects.toBe(reason);
    expect(server.listening).toBe(false);
  });
});

test('a signal that is aborted already starts nothing', async () => {
  const server = createServer();
  const reason = new Error('enough');

  await expect(serveApp(server, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(server.listening).toBe(false);
});

test('an application that cannot start says why, and is closed', async () => {
  const life: string[] = [];
  const app = fastify();
  app.addHook('onClose', async () => void life.push('closed'));
  app.register(async () => {
    throw new Error('no settings found');
  });

  await expect(serveApp(app)).rejects.toMatchObject({
    code: 'MAYFLY_APP_NOT_READY',
    message: 'The application could not start: no settings found. Mend what it complains of.',
  });
  expect(life).toEqual(['closed']);
});

describe('errors that a handler leaves to nobody', () => {
  const thrown = new Error('no luck');
  const broken: Readonly<Record<string, () => App>> = {
    'a fetch handler that throws': () => () => {
      throw thrown;
    },
    'a fetch handler that rejects': () => async () => {
      throw thrown;
    },
    'a Node listener that throws': () => ({
      listener: () => {
        throw thrown;
      },
    }),
    'a Node listener that rejects': () => ({
      listener: async () => {
        throw thrown;
      },
    }),
  };

  test.each(Object.entries(broken))('of %s are answered with 500, and kept', async (_, make) => {
    await using app = await serveApp(make());

    const answer = await app.fetch('/orders?limit=3');

    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('Internal Server Error');
    expect(app.logs[0]).toMatch(/^GET \/orders(\?limit=3)?: Error: no luck$/);
    expect(app.logs[1]).toMatch(/^ {4}at .*serve-app\.test\.ts/);
  });

  test('after the answer has begun cut it off', async () => {
    await using app = await serveApp({
      listener: async (_, response) => {
        response.write('the first half');
        throw thrown;
      },
    });
    await using streaming = await serveApp(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(Buffer.from('the first half')),
            pull: () => {
              throw thrown;
            },
          }),
        ),
    );

    for (const each of [app, streaming]) {
      await expect(each.fetch('/').then((answer) => answer.text())).rejects.toThrow(TypeError);
      expect(each.logs[0]).toContain('Error: no luck');
    }
  });

  test('are not those of somebody who has left', async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await using app = await serveApp(async (request: Request) => {
      begun.resolve();
      await once(request.signal, 'abort');
      ended.resolve();
      throw request.signal.reason;
    });
    const controller = new AbortController();
    const asking = app.fetch('/', { signal: controller.signal });
    await begun.promise;

    controller.abort();

    await expect(asking).rejects.toThrow(/aborted/);
    await ended.promise;
    await app.stop();
    expect(app.logs).toEqual([]);
  });
});
