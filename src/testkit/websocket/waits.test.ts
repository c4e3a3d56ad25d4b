import { getEventListeners, once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { expectNoTimersLeft } from '../../../fixtures/harness/timers.ts';
import { serveSockets } from '../../../fixtures/harness/websocket-server.ts';
import { connectWebSocket } from './connect-websocket.ts';

const minute = 60_000;
const greet = (socket: WebSocket): void => {
  socket.send('{"type":"noise"}');
  socket.send('x'.repeat(10_000));
  socket.send('ready');
};

describe('a wait to which nothing comes in time', () => {
  test('says what did come, shortened, and without what is secret in the URL', async () => {
    await using server = await serveSockets(greet);
    await using client = await connectWebSocket(`${server.url}/sales?token=secret`);
    await client.next((message) => message === 'ready');

    const error: unknown = await client.next(() => false, { timeout: 5 }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'MAYFLY_MESSAGE_TIMEOUT',
      message: [
        `No message that was waited for arrived from ${server.url}/sales within 5 ms. 2 others did.`,
        "  | other: { type: 'noise' }",
        `  | other: '${'x'.repeat(199)}…`,
        'Check what makes the server send it, and the predicate, or give `timeout` more.',
      ].join('\n'),
    });
  });

  test('says that nothing came where nothing did', async () => {
    await using server = await serveSockets();
    await using client = await connectWebSocket(server.url);

    await expect(client.next(undefined, { timeout: 5 })).rejects.toThrow('within 5 ms. Nothing else did.');
  });

  test('shows the last few where much came', async () => {
    await using server = await serveSockets((socket) => {
      for (let number = 1; number <= 100; number += 1) {
        socket.send(String(number));
      }
    });
    await using client = await connectWebSocket(server.url);
    await client.next((message) => message === 100);

    await expect(client.next(() => false, { timeout: 5 })).rejects.toThrow(
      /99 others did\.\n {2}\| other: … and 89 before\n {2}\| other: 90\n[^]*\| other: 99\n/,
    );
  });

  test('for several says how many came, and leaves them to others', async () => {
    await using server = await serveSockets(greet);
    await using client = await connectWebSocket(server.url);
    await client.next((message) => message === 'ready');
    const predicate = (message: unknown): boolean => typeof message === 'object';

    await expect(client.collect(2, { predicate, timeout: 5 })).rejects.toThrow(
      /Only 1 of 2 messages .* within 5 ms\. 1 other did\.\n {2}\| taken: \{ type: 'noise' \}\n {2}\| other: 'xxx/,
    );
    await expect(client.collect(2)).resolves.toEqual([{ type: 'noise' }, 'x'.repeat(10_000)]);
  });
});

describe('a wait while which the connection is closed', () => {
  test('by the server says with what, and what is unread', async () => {
    await using server = await serveSockets((socket) => {
      socket.send('noise');
      socket.close(4001, 'expired');
    });
    await using client = await connectWebSocket(server.url);

    await expect(client.next(() => false)).rejects.toMatchObject({
      code: 'MAYFLY_WEBSOCKET_CLOSED',
      message: [
        `The WebSocket connection to ${server.url}/ was closed by the server with code 4001, "expired". Unread, of what arrived before:`,
        "  | 'noise'",
        'Check why the server closed it; `closed` gives a test the code and the reason.',
      ].join('\n'),
    });
  });

  test('by a server that just goes says so', async () => {
    await using server = await serveSockets((socket) => socket.terminate());
    await using client = await connectWebSocket(server.url);

    await expect(client.next()).rejects.toThrow('was closed by the server with code 1006. Nothing is unread.');
  });

  test('by a server that breaks the rules says which', async () => {
    await using server = await serveSockets((_, request) => {
      // A frame with a bit set that no extension has claimed.
      request.socket.write(Buffer.from([0xf1, 0x00]));
    });
    await using client = await connectWebSocket(server.url);

    await expect(client.next()).rejects.toMatchObject({
      code: 'MAYFLY_WEBSOCKET_CLOSED',
      cause: { message: expect.stringContaining('Invalid WebSocket frame') },
    });
  });

  test('by the test says so', async () => {
    await using server = await serveSockets();
    const client = await connectWebSocket(server.url);

    const [waited] = await Promise.allSettled([client.next(), client.close()]);

    expect(waited).toMatchObject({
      reason: { message: expect.stringMatching(/was closed by this side with code 1000.*before you close/s) },
    });
  });
});

describe('a wait that is given up', () => {
  test('ends with the reason, and what it had is left to others', async () => {
    await using server = await serveSockets(greet);
    await using client = await connectWebSocket(server.url);
    const asker = new AbortController();
    const reason = new Error('changed my mind');

    const arrived = Promise.withResolvers<void>();
    const predicate = (message: unknown): boolean => {
      if (message === 'ready') {
        arrived.resolve();
      }
      return true;
    };
    const waiting = client.collect(4, { predicate, signal: asker.signal, timeout: minute });
    await arrived.promise;
    asker.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    await expect(client.collect(3)).resolves.toHaveLength(3);
  });

  test('before it began takes nothing', async () => {
    await using server = await serveSockets(greet);
    await using client = await connectWebSocket(server.url);
    await client.next((message) => message === 'ready');

    await expect(client.next(undefined, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(client.unread).toHaveLength(2);
  });

  test('with the whole connection ends with the reason, and the server is left', async () => {
    await using server = await serveSockets();
    const asker = new AbortController();
    await using client = await connectWebSocket(server.url, { signal: asker.signal });
    const [socket] = server.server.clients;
    const left = once(socket!, 'close');
    const reason = new Error('enough');

    const waiting = client.next(undefined, { timeout: minute });
    asker.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    await expect(client.next()).rejects.toBe(reason);
    await expect(client.closed).resolves.toEqual({ code: 1006, reason: '' });
    await left;
    expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
  });
});

test.each([
  { ending: 'found its message', predicate: () => true, timeout: minute },
  { ending: 'passed its deadline', predicate: () => false, timeout: 5 },
  {
    ending: 'failed in its predicate',
    predicate: () => {
      throw new Error('no luck');
    },
    timeout: minute,
  },
])('a wait that has $ending leaves neither timer nor listener', async ({ predicate, timeout }) => {
  await using server = await serveSockets((socket) => {
    for (let greeting = 0; greeting < 10; greeting += 1) {
      greet(socket);
    }
  });
  await using client = await connectWebSocket(server.url);
  await client.collect(10, { predicate: (message) => message === 'ready' });
  const asker = new AbortController();

  await expectNoTimersLeft(async () => client.next(predicate, { timeout, signal: asker.signal }).catch(() => {}));

  expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
});

test('more than may be unread ends the connection, and every wait says so', async () => {
  await using server = await serveSockets((socket) => {
    for (let number = 1; number <= 20; number += 1) {
      socket.send(String(number));
    }
  });
  await using client = await connectWebSocket(server.url, { maxUnread: 12 });

  await expect(client.next(() => false)).rejects.toMatchObject({
    code: 'MAYFLY_MESSAGES_OVERFLOW',
    message: expect.stringMatching(/^More than 12 messages from .* were not read\. [^]*… and 2 before\n[^]*\| 12\n/),
  });
  await expect(client.closed).resolves.toEqual({ code: 1006, reason: '' });
  // What came before is still there, and then the reason.
  await expect(client.collect(12)).resolves.toHaveLength(12);
  await expect(client.next()).rejects.toMatchObject({ code: 'MAYFLY_MESSAGES_OVERFLOW' });
});

test('as much as may be unread is no reason to end', async () => {
  await using server = await serveSockets((socket) => {
    socket.send('1');
    socket.send('2');
    socket.on('message', (data: Buffer) => socket.send(data.toString()));
  });
  await using client = await connectWebSocket(server.url, { maxUnread: 2 });

  // What somebody waits for needs no room.
  const waiting = client.next((message) => message === 'third');
  client.send('third');

  await expect(waiting).resolves.toBe('third');
  expect(client.unread).toEqual([1, 2]);
});

test.each([
  { what: 'a count of nothing', take: { count: 0 } },
  { what: 'half a message', take: { count: 1.5 } },
  { what: 'no time', take: { count: 1, timeout: 0 } },
  { what: 'time without end', take: { count: 1, timeout: Infinity } },
  { what: 'a predicate that is none', take: { count: 1, predicate: 'ready' } },
  { what: 'a signal that is none', take: { count: 1, signal: {} } },
  { what: 'an unknown field', take: { count: 1, timeuot: 5 } },
])('$what is refused', async ({ take: { count, ...options } }) => {
  await using server = await serveSockets();
  await using client = await connectWebSocket(server.url);

  await expect(client.collect(count, options as object)).rejects.toMatchObject({ code: 'MAYFLY_INPUT_INVALID' });
});
