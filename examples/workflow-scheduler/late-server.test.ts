import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectEvents, connectWebSocket, serveApp } from 'mayfly/testkit';
import type { EventFeed } from './event-feed.ts';
import { LiveServer } from './live-server.ts';
import { expect, test } from './test-context.ts';

test('a server that is not ready yet is asked again, and how often is written down', async ({
  feed,
  make,
  pg,
  scheduler,
  subscribe,
  task,
}) => {
  const { name } = await make.schedule();
  const opening = Promise.withResolvers<EventFeed>();
  const late = new LiveServer(pg, opening.promise);
  await using site = await serveApp(late);
  expect((await site.fetch('/health')).status).toBe(503);

  // It becomes ready after the second of them.
  const turnedAway = collectEvents(late.server, 'upgrade', 2);
  const connecting = subscribe(site, name);
  await turnedAway;
  opening.resolve(feed);
  const client = await connecting;

  expect(client.attempts).toBe(3);
  expect(task.meta.connections).toMatchObject([
    { outcome: 'succeeded', attempts: 3, failures: Array(2).fill(expect.stringContaining('503')) },
  ]);
  await scheduler.startDue();
  expect(await client.next()).toMatchObject({ type: 'run-started', schedule: name });
});

test('a server that is not there at all is waited for', async ({ feed, make, pg, subscribe, task }) => {
  const { name } = await make.schedule();
  const port = await freePort();
  const late = new LiveServer(pg, Promise.resolve(feed));
  const address = { websocketUrl: (path = '') => `ws://127.0.0.1:${port}${path}` };
  let listening: Promise<void> | undefined;
  let failures = 0;

  const client = await subscribe(address, name, {
    retryIf: () => {
      failures += 1;
      if (failures === 2) {
        listening = late.listen({ port, host: '127.0.0.1' });
      }
      return true;
    },
  });

  await listening;
  expect(client.attempts).toBeGreaterThanOrEqual(3);
  expect(task.meta.connections).toMatchObject([
    { attempts: client.attempts, failures: expect.arrayContaining([expect.stringContaining('ECONNREFUSED')]) },
  ]);
  await late.close();
});

test('a server that says no is not asked again', async ({ live, subscribe, task }) => {
  await expect(subscribe(live, 'nothing')).rejects.toMatchObject({ status: 404 });

  expect(task.meta.connections).toMatchObject([{ outcome: 'failed', attempts: 1 }]);
});

test('a server that never comes is given up, with why each attempt failed', async () => {
  // Nobody listens on port 1.
  await expect(connectWebSocket('ws://127.0.0.1:1/', { retry: { attempts: 3, delay: 1 } })).rejects.toMatchObject({
    code: 'MAYFLY_RETRIES_EXHAUSTED',
    message: expect.stringMatching(/1: .*ECONNREFUSED.*\n.*2: .*ECONNREFUSED.*\n.*3: .*ECONNREFUSED/),
  });
});

/** One that somebody had, and that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
