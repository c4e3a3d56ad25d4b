import { connectWebSocket, serveApp } from 'mayfly/testkit';
import type { LiveMessage } from './live.ts';
import { platformServer } from './server.ts';
import { expect, test } from './test-context.ts';

const opened = { aggregate: 'door:1', type: 'door.opened' };

test('a subscription is confirmed, and then delivers', async ({ post, site }) => {
  await using client = await connectWebSocket<LiveMessage>(site.websocketUrl('/live'));

  client.send({ subscribe: { type: 'door.opened' } });
  expect(await client.next()).toEqual({ subscribed: { type: 'door.opened' } });

  const { body: event } = await post('/events', opened);
  expect(await client.next()).toEqual({ event });
});

test.for([
  ['a type', { type: 'door.closed' }, ['door:1 door.closed', 'door:2 door.closed']],
  ['an aggregate', { aggregate: 'door:2' }, ['door:2 door.opened', 'door:2 door.closed']],
  ['both', { aggregate: 'door:2', type: 'door.closed' }, ['door:2 door.closed']],
] as const)('who wants %s hears of nothing else', async ([, filter, wanted], { post, subscribe }) => {
  const all = await subscribe();
  const some = await subscribe(filter);

  for (const aggregate of ['door:1', 'door:2']) {
    await post('/events', { aggregate, type: 'door.opened' });
    await post('/events', { aggregate, type: 'door.closed' });
  }

  await all.collect(4);
  const heard = await some.collect(wanted.length);
  expect(heard.map((message) => 'event' in message && `${message.event.aggregate} ${message.event.type}`)).toEqual(
    wanted,
  );
  expect(some.unread).toEqual([]);
});

test('five clients are each told of three events', async ({ post, subscribe }) => {
  const clients = await Promise.all(Array.from({ length: 5 }, async () => subscribe({ type: 'door.opened' })));

  const published: unknown[] = [];
  for (let number = 1; number <= 3; number += 1) {
    const { body: event } = await post('/events', opened);
    published.push({ event });
  }

  const delivered = await Promise.all(clients.map(async (client) => client.collect(3)));
  expect(delivered).toEqual(clients.map(() => published));
});

test('a new subscription takes the place of the one before', async ({ post, subscribe }) => {
  const client = await subscribe({ type: 'door.opened' });

  client.send({ subscribe: { type: 'door.closed' } });
  await client.next((message) => 'subscribed' in message);
  await post('/events', opened);
  const { body: event } = await post('/events', { ...opened, type: 'door.closed' });

  expect(await client.next()).toEqual({ event });
});

test.for(['{', { subscribe: { type: 7 } }, { unsubscribe: true }])(
  'what is no subscription is answered with an error: %j',
  async (message, { site }) => {
    await using client = await connectWebSocket<LiveMessage>(site.websocketUrl('/live'));

    client.send(message);

    expect(await client.next()).toEqual({ error: expect.any(String) });
  },
);

test('who is gone keeps nobody from being told', async ({ post, subscribe }) => {
  const gone = await subscribe();
  const client = await subscribe();
  await gone.close();

  const { body: event } = await post('/events', opened);

  expect(await client.next()).toEqual({ event });
});

test('what one process publishes the clients of another are told', async ({ openAnother, subscribe }) => {
  const client = await subscribe();
  const other = await openAnother();
  await using site = await serveApp(platformServer(other), { health: '/health' });

  const answer = await site.fetch('/events', { method: 'POST', body: JSON.stringify(opened) });

  expect(await client.next()).toEqual({ event: await answer.json() });
  await other.close();
});
