import { getEventListeners, once } from 'node:events';
import { expect, test } from 'vitest';
import { expectNoTimersLeft } from '../../../fixtures/harness/timers.ts';
import { serveSockets } from '../../../fixtures/harness/websocket-server.ts';
import { nextEvent } from '../events/next-event.ts';
import { connectWebSocket } from './connect-websocket.ts';
import type { WebSocketClient } from './websocket-client.ts';

type CloseParameters = Parameters<WebSocketClient['close']>;

test.each<{ what: string; close: CloseParameters; code: number; reason: string }>([
  { what: 'nothing', close: [], code: 1000, reason: '' },
  { what: 'a code', close: [4000], code: 4000, reason: '' },
  { what: 'a code and a reason', close: [4000, 'tea'], code: 4000, reason: 'tea' },
])('an end with $what is what the server sees, and both agree upon it', async ({ close, code, reason }) => {
  await using server = await serveSockets();
  const client = await connectWebSocket(server.url);
  const [socket] = server.server.clients;
  const seen = nextEvent<[number, Buffer]>(socket!, 'close');

  await expect(client.close(...close)).resolves.toEqual({ code, reason });

  const [seenCode, seenReason] = await seen;
  expect([seenCode, seenReason.toString()]).toEqual([code, reason]);
});

test('an end that is asked for more than once is one end', async () => {
  await using server = await serveSockets();
  const client = await connectWebSocket(server.url);

  const [one, other] = await Promise.all([client.close(4000), client.close(4001)]);
  await client[Symbol.asyncDispose]();

  expect(one).toEqual({ code: 4000, reason: '' });
  expect(other).toBe(one);
  await expect(client.closed).resolves.toBe(one);
});

test('a connection that leaves its block is closed, and nothing is left of it', async () => {
  const ends: Promise<unknown>[] = [];
  await using server = await serveSockets((socket) => void ends.push(once(socket, 'close')));

  await expectNoTimersLeft(async () => {
    await using client = await connectWebSocket(server.url);
    expect(client.unread).toEqual([]);
  });

  await Promise.all(ends);
  expect(server.server.clients.size).toBe(0);
});

test('a server that does not answer the end is cut off', async () => {
  await using server = await serveSockets((socket) => socket.pause());
  const client = await connectWebSocket(server.url, { timeout: 100 });

  await expect(client.close()).resolves.toEqual({ code: 1006, reason: '' });
});

test('a connection that is closed has let go of its signal', async () => {
  await using server = await serveSockets();
  const { signal } = new AbortController();
  const client = await connectWebSocket(server.url, { signal });

  await client.close();

  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('on a closed connection nothing can be sent', async () => {
  await using server = await serveSockets((socket) => socket.close(4001, 'expired'));
  await using client = await connectWebSocket(server.url);
  await client.closed;
  // That the client agrees does not make it the one who closed.
  await client.close();

  expect(() => client.send('hello')).toThrow(
    expect.objectContaining({
      code: 'MAYFLY_WEBSOCKET_CLOSED',
      message: expect.stringContaining('by the server with code 4001, "expired"'),
    }),
  );
});

test.each<{ what: string; close: CloseParameters }>([
  { what: 'a code that only a program may report', close: [1006, ''] },
  { what: 'a code that does not exist', close: [0, ''] },
  { what: 'a reason that is too long', close: [1000, 'x'.repeat(124)] },
])('$what is refused, and the connection goes on', async ({ close }) => {
  await using server = await serveSockets((socket) => socket.on('message', () => socket.send('still here')));
  await using client = await connectWebSocket(server.url);

  await expect(client.close(...close)).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
  client.send('hello?');

  await expect(client.next()).resolves.toBe('still here');
});
