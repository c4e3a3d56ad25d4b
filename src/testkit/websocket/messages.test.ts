import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { serveSockets } from '../../../fixtures/harness/websocket-server.ts';
import { connectWebSocket } from './connect-websocket.ts';

const echo = (socket: WebSocket): void =>
  void socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }));

describe('a message', () => {
  test.each([
    { what: 'text', sent: 'hello', received: 'hello' },
    { what: 'text with everything that UTF-8 has', sent: 'Grüße 🎟️\n', received: 'Grüße 🎟️\n' },
    { what: 'empty text', sent: '', received: '' },
    { what: 'an object', sent: { seat: 'A1' }, received: { seat: 'A1' } },
    { what: 'an array', sent: [1, null], received: [1, null] },
    { what: 'text that is JSON', sent: '{"seat":"A1"}', received: { seat: 'A1' } },
    { what: 'text that is almost JSON', sent: '{"seat":', received: '{"seat":' },
    { what: 'bytes', sent: Buffer.from([0, 255]), received: Buffer.from([0, 255]) },
    { what: 'bytes in a view', sent: new Uint8Array([1, 2, 3]).subarray(1), received: Buffer.from([2, 3]) },
    { what: 'bytes that would be JSON as text', sent: Buffer.from('{}'), received: Buffer.from('{}') },
  ])('that is $what arrives as such', async ({ sent, received }) => {
    await using server = await serveSockets(echo);
    await using client = await connectWebSocket(server.url);

    client.send(sent);

    await expect(client.next()).resolves.toEqual(received);
  });

  test('that came with the opening, before anybody asked, is not lost', async () => {
    await using server = await serveSockets((socket) => {
      socket.send('first');
      socket.send('second');
    });
    await using client = await connectWebSocket(server.url);

    await expect(client.next()).resolves.toBe('first');
    await expect(client.next()).resolves.toBe('second');
  });

  test('that came before the server closed can still be read', async () => {
    await using server = await serveSockets((socket) => {
      socket.send('farewell');
      socket.close(4001, 'expired');
    });
    await using client = await connectWebSocket(server.url);

    await expect(client.closed).resolves.toEqual({ code: 4001, reason: 'expired' });
    await expect(client.next()).resolves.toBe('farewell');
    await expect(client.next()).rejects.toMatchObject({ code: 'MAYFLY_WEBSOCKET_CLOSED' });
  });

  test.each([
    { what: 'a function', data: () => {}, reason: 'it has no form in JSON' },
    { what: 'nothing', data: undefined, reason: 'it has no form in JSON' },
    { what: 'a bigint in an object', data: { price: 1n }, reason: 'serialize a BigInt' },
  ])('that is $what cannot be sent', async ({ data, reason }) => {
    await using server = await serveSockets();
    await using client = await connectWebSocket(server.url);

    expect(() => client.send(data as object)).toThrow(
      expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining(reason) }),
    );
  });
});

describe('several waits at once', () => {
  test('each get the message that they asked for, whatever the order', async () => {
    await using server = await serveSockets(echo);
    await using client = await connectWebSocket<{ to: string }>(server.url);

    const waiting = ['a', 'b', 'c'].map(async (name) => client.next(({ to }) => to === name));
    for (const to of ['c', 'x', 'a', 'b']) {
      client.send({ to });
    }

    await expect(Promise.all(waiting)).resolves.toEqual([{ to: 'a' }, { to: 'b' }, { to: 'c' }]);
    expect(client.unread).toEqual([{ to: 'x' }]);
  });

  test('that would take the same message get one each, in the order in which they asked', async () => {
    await using server = await serveSockets(echo);
    await using client = await connectWebSocket(server.url);

    const waiting = [client.next(), client.collect(2), client.next()];
    for (const text of ['one', 'two', 'three', 'four']) {
      client.send(text);
    }

    await expect(Promise.all(waiting)).resolves.toEqual(['one', ['two', 'three'], 'four']);
  });

  test('do not disturb each other when one has a predicate that throws', async () => {
    await using server = await serveSockets(echo);
    await using client = await connectWebSocket(server.url);

    const wrong = client.next(() => {
      throw new Error('no such field');
    });
    const right = client.next();
    client.send('hello');

    await expect(wrong).rejects.toThrow('no such field');
    await expect(right).resolves.toBe('hello');
  });
});

test('what is collected is what fits, and the rest is left to others', async () => {
  await using server = await serveSockets(echo);
  await using client = await connectWebSocket<number>(server.url);

  for (const number of [1, 2, 3, 4, 5, 6]) {
    client.send(String(number));
  }

  await expect(client.collect(3, { predicate: (number) => number % 2 === 0 })).resolves.toEqual([2, 4, 6]);
  expect(client.unread).toEqual([1, 3, 5]);
});

test('a loop sees every message in its order, and ends when the connection is closed', async () => {
  await using server = await serveSockets((socket) => {
    for (const text of ['one', 'two', 'three']) {
      socket.send(text);
    }
    socket.close();
  });
  await using client = await connectWebSocket(server.url);
  const seen: unknown[] = [];

  for await (const message of client) {
    seen.push(message);
  }

  expect(seen).toEqual(['one', 'two', 'three']);
});

test('a loop that is left takes no more', async () => {
  await using server = await serveSockets(echo);
  await using client = await connectWebSocket(server.url);
  client.send('one');
  client.send('two');

  for await (const message of client) {
    expect(message).toBe('one');
    break;
  }

  await expect(client.next()).resolves.toBe('two');
});

test('a loop to which nothing comes in time says so', async () => {
  await using server = await serveSockets();
  await using client = await connectWebSocket(server.url, { timeout: 50 });

  await expect(client[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'MAYFLY_MESSAGE_TIMEOUT' });
});

describe('with a schema', () => {
  const schema = z.object({ seat: z.string(), at: z.coerce.date() });

  test('a message is what the schema makes of it', async () => {
    await using server = await serveSockets(echo);
    await using client = await connectWebSocket(server.url, { schema });

    client.send({ seat: 'A1', at: '2026-05-01T20:00:00Z' });

    await expect(client.next(({ at }) => at.getUTCFullYear() === 2026)).resolves.toEqual({
      seat: 'A1',
      at: new Date('2026-05-01T20:00:00Z'),
    });
  });

  test.each([
    { what: 'lacks a field', sent: { at: 0 }, shown: '{ at: 0 }', issue: '| seat: Invalid input' },
    { what: 'is not JSON', sent: 'oops', shown: "'oops'", issue: 'expected object' },
    { what: 'is not text', sent: Buffer.from([1]), shown: '<Buffer 01>', issue: '| seat: Invalid input' },
  ])('a message that $what ends the connection, and the waits say why', async ({ sent, shown, issue }) => {
    await using server = await serveSockets(echo);
    await using client = await connectWebSocket(server.url, { schema });
    const [socket] = server.server.clients;
    const cut = once(socket!, 'close');

    const waiting = client.next();
    client.send(sent);

    const refused = expect.objectContaining({
      code: 'MAYFLY_MESSAGE_INVALID',
      message: expect.stringContaining(shown),
      summary: expect.stringContaining(issue),
    });
    await expect(waiting).rejects.toEqual(refused);
    await expect(client.next()).rejects.toEqual(refused);
    await cut;
  });

  test('what comes after a message that does not fit is not relied on', async () => {
    await using server = await serveSockets((socket) => {
      for (const message of ['{"seat":1}', '{"seat":"A1","at":0}']) {
        socket.send(message);
      }
    });
    await using client = await connectWebSocket(server.url, { schema });

    await client.closed;

    expect(client.unread).toEqual([]);
  });

  test('that answers later is refused, since messages would overtake each other', async () => {
    await using server = await serveSockets(echo);
    const later = { '~standard': { validate: async (value: unknown) => ({ value }) } };
    await using client = await connectWebSocket(server.url, { schema: later });

    client.send('hello');

    await expect(client.next()).rejects.toMatchObject({ code: 'MAYFLY_MESSAGE_INVALID' });
  });
});
