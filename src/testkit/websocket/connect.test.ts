import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ended, freeUrl, servePlain } from '../../../fixtures/harness/plain-server.ts';
import { expectNoTimersLeft } from '../../../fixtures/harness/timers.ts';
import { serveSockets } from '../../../fixtures/harness/websocket-server.ts';
import { nextEvent } from '../events/next-event.ts';
import { connectWebSocket } from './connect-websocket.ts';
import type { WebSocketOptions } from './websocket-options.ts';

const minute = 60_000;

test('a server sees the headers, the subprotocols and the path', async () => {
  await using server = await serveSockets(undefined, { handleProtocols: () => 'sales.v2' });
  const connection = nextEvent<[unknown, IncomingMessage]>(server.server, 'connection');

  await using client = await connectWebSocket(`${server.url}/sales?from=1`, {
    headers: { authorization: 'Bearer token', cookie: 'a=b' },
    protocols: ['sales.v1', 'sales.v2'],
  });

  const [, { url, headers }] = await connection;
  expect(url).toBe('/sales?from=1');
  expect(headers).toMatchObject({
    authorization: 'Bearer token',
    cookie: 'a=b',
    'sec-websocket-protocol': 'sales.v1,sales.v2',
  });
  expect(client.protocol).toBe('sales.v2');
  expect(client.attempts).toBe(1);
});

test.each([(url: string) => url.replace('ws:', 'http:'), (url: string) => new URL(url)])(
  'a URL may be written as %s',
  async (write) => {
    await using server = await serveSockets();
    await using client = await connectWebSocket(write(server.url));

    expect(client.protocol).toBe('');
  },
);

describe('a connection that does not come about', () => {
  test('since nobody listens says so', async () => {
    const url = await freeUrl();

    await expect(connectWebSocket(`${url}/sales?token=secret`)).rejects.toMatchObject({
      code: 'MAYFLY_WEBSOCKET_REFUSED',
      status: undefined,
      message: `No WebSocket connection to ${url}/sales came about: connect ECONNREFUSED ${url.replace('ws://', '')}. Check that the server runs and takes WebSockets there, or give a longer \`timeout\` or a \`retry\`.`,
      cause: { code: 'ECONNREFUSED' },
    });
  });

  test.each([
    { status: 401, answer: 'Unauthorized', body: '{"error":"token expired"}' },
    { status: 404, answer: 'Not Found', body: '' },
    { status: 200, answer: 'OK', body: '<h1>Hello</h1>' },
    { status: 503, answer: 'Service Unavailable', body: 'x'.repeat(100_000) },
    { status: 302, answer: 'Found', body: '' },
  ])('since the server answers $status shows its answer, and lets go of it', async ({ status, answer, body }) => {
    await using server = await servePlain(createServer((_, response) => response.writeHead(status).end(body)));
    const connection = nextEvent<[Socket]>(server.server, 'connection');

    const refused: unknown = await connectWebSocket(server.url).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'MAYFLY_WEBSOCKET_REFUSED', status, body: body.slice(0, 1_000) });
    expect(refused).toHaveProperty('summary', expect.stringContaining(`the server answered ${status} ${answer}.`));
    expect(refused).toHaveProperty('message', expect.stringContaining(body.slice(0, 1_000)));
    await ended((await connection)[0]);
  });

  test('since the server never answers ends in time, and lets go of it', async () => {
    await expectNoTimersLeft(async () => {
      await using server = await servePlain(createTcpServer());
      const connection = nextEvent<[Socket]>(server.server, 'connection');

      await expect(connectWebSocket(server.url, { timeout: 200 })).rejects.toMatchObject({
        code: 'MAYFLY_WEBSOCKET_REFUSED',
        status: undefined,
        message: expect.stringContaining('came about: no answer came within 200 ms.'),
      });
      const [socket] = await connection;
      await ended(socket);
    });
  });

  test('since the server answers without end shows what it has said', async () => {
    const stream = (_: IncomingMessage, response: ServerResponse): void =>
      void response.writeHead(200).write('data: 1\n');
    await using server = await servePlain(createServer(stream));
    const connection = nextEvent<[Socket]>(server.server, 'connection');

    await expect(connectWebSocket(server.url, { timeout: 1_500 })).rejects.toMatchObject({
      status: 200,
      body: 'data: 1',
    });
    await ended((await connection)[0]);
  });

  test('since the server answers more than is shown does not wait for the rest', async () => {
    await using server = await servePlain(
      createServer((_, response) => void response.writeHead(500).write('x'.repeat(2_000))),
    );

    await expect(connectWebSocket(server.url, { timeout: minute })).rejects.toMatchObject({
      status: 500,
      body: 'x'.repeat(1_000),
    });
  });

  test('since the server hangs up says so', async () => {
    await using server = await servePlain(createTcpServer((socket) => socket.destroy()));

    await expect(connectWebSocket(server.url)).rejects.toMatchObject({ code: 'MAYFLY_WEBSOCKET_REFUSED' });
  });

  test('since the server chose no subprotocol says so', async () => {
    await using server = await serveSockets(undefined, { handleProtocols: () => false });

    await expect(connectWebSocket(server.url, { protocols: 'sales.v1' })).rejects.toThrow('Server sent no subprotocol');
  });

  test('since the asker gave up ends with the reason, and lets go of the server', async () => {
    await expectNoTimersLeft(async () => {
      await using server = await servePlain(createTcpServer());
      const connection = nextEvent<[Socket]>(server.server, 'connection');
      const asker = new AbortController();
      const reason = new Error('changed my mind');

      const connecting = connectWebSocket(server.url, { signal: asker.signal, timeout: minute });
      const [socket] = await connection;
      asker.abort(reason);

      await expect(connecting).rejects.toBe(reason);
      await ended(socket);
      expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
    });
  });

  test('since the asker had given up before is not begun', async () => {
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);

    await expect(connectWebSocket('ws://127.0.0.1:1', { signal })).rejects.toBe(reason);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test.each<{ what: string; url?: unknown; options?: unknown; field: string }>([
  { what: 'no URL', url: undefined, field: 'url' },
  { what: 'a path', url: '/sales', field: 'url' },
  { what: 'a URL of something else', url: 'redis://127.0.0.1', field: 'url' },
  { what: 'a URL object of something else', url: new URL('redis://127.0.0.1'), field: 'URL' },
  { what: 'a URL with a fragment', url: 'ws://127.0.0.1:1/#top', field: 'URL' },
  { what: 'a header that is none', options: { headers: { 'a b': 'c' } }, field: 'Header name' },
  { what: 'a header of several lines', options: { headers: { a: 'b\r\nc: d' } }, field: 'header' },
  { what: 'headers that are not text', options: { headers: { a: 1 } }, field: 'headers.a' },
  { what: 'the same subprotocol twice', options: { protocols: ['a', 'a'] }, field: 'subprotocol' },
  { what: 'a subprotocol with a space', options: { protocols: 'a b' }, field: 'subprotocol' },
  { what: 'no time', options: { timeout: 0 }, field: 'timeout' },
  { what: 'time as text', options: { timeout: '5s' }, field: 'timeout' },
  { what: 'a signal that is none', options: { signal: {} }, field: 'signal' },
  { what: 'no attempts', options: { retry: { attempts: 0 } }, field: 'attempts' },
  { what: 'an unknown field of retry', options: { retry: { tries: 3 } }, field: 'tries' },
  { what: 'a schema that is none', options: { schema: {} }, field: 'schema' },
  { what: 'room for nothing', options: { maxUnread: 0 }, field: 'maxUnread' },
  { what: 'an unknown field', options: { timeuot: 5 }, field: 'timeuot' },
])('$what is refused', async ({ what, url = what === 'no URL' ? undefined : 'ws://127.0.0.1:1', options, field }) => {
  const refused: unknown = await connectWebSocket(url as string, options as WebSocketOptions).catch(
    (error: unknown) => error,
  );

  expect(refused).toMatchObject({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining(field) });
});
