import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { serveSockets } from '../../../fixtures/harness/websocket-server.ts';
import { connectWebSocket } from './connect-websocket.ts';

interface Sale {
  readonly type: 'sale';
  readonly eventId: string;
  readonly seat: number;
}

type FromServer = Sale | { readonly type: 'subscribed'; readonly eventId: string };

/** Tells those who have subscribed to an event of what is sold for it. */
function feed(): {
  readonly meet: (socket: WebSocket) => void;
  readonly sell: (eventId: string, seat: number) => void;
} {
  const subscribers: { readonly socket: WebSocket; readonly eventId: string }[] = [];
  const tell = (socket: WebSocket, message: FromServer): void => socket.send(JSON.stringify(message));
  return {
    meet: (socket) =>
      void socket.on('message', (data: Buffer) => {
        const { subscribe: eventId } = JSON.parse(data.toString()) as { subscribe: string };
        subscribers.push({ socket, eventId });
        tell(socket, { type: 'subscribed', eventId });
      }),
    sell: (eventId, seat) =>
      subscribers
        .filter((subscriber) => subscriber.eventId === eventId)
        .forEach(({ socket }) => tell(socket, { type: 'sale', eventId, seat })),
  };
}

const isSale = (message: FromServer): message is Sale => message.type === 'sale';

test('whoever has subscribed with a filter is told of what fits it, and of nothing else', async () => {
  const { meet, sell } = feed();
  await using server = await serveSockets(meet);
  await using client = await connectWebSocket<FromServer>(server.url);

  client.send({ subscribe: 'opera' });
  await client.next(({ type }) => type === 'subscribed');
  sell('circus', 1);
  sell('opera', 2);

  const { seat } = await client.next(isSale);
  expect(seat).toBe(2);
  expect(client.unread).toEqual([]);
});

test('five clients are told of three sales each, every one of them', async () => {
  const { meet, sell } = feed();
  await using server = await serveSockets(meet);
  await using clients = new AsyncDisposableStack();
  const connected = await Promise.all(
    Array.from({ length: 5 }, async () => clients.use(await connectWebSocket<FromServer>(server.url))),
  );

  for (const client of connected) {
    client.send({ subscribe: 'opera' });
  }
  await Promise.all(connected.map(async (client) => client.next(({ type }) => type === 'subscribed')));
  for (const seat of [1, 2, 3]) {
    sell('opera', seat);
  }

  const told = await Promise.all(connected.map(async (client) => client.collect(3, { predicate: isSale })));
  expect(told).toEqual(Array(5).fill([1, 2, 3].map((seat) => ({ type: 'sale', eventId: 'opera', seat }))));
  expect(connected.flatMap(({ unread }) => unread)).toEqual([]);
});
