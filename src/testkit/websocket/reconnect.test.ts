import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { freeUrl, servePlain } from '../../../fixtures/harness/plain-server.ts';
import { expectNoTimersLeft } from '../../../fixtures/harness/timers.ts';
import type { RetryRecord } from '../retry/attempts-made.ts';
import { connectWebSocket } from './connect-websocket.ts';

test('a server that is not there yet is waited for, and how often is written down', async () => {
  const url = await freeUrl();
  const records: RetryRecord[] = [];
  const failures: unknown[] = [];
  const servers: WebSocketServer[] = [];

  const client = await connectWebSocket(url, {
    retry: {
      attempts: 10,
      delay: 1,
      retryIf: (error) => {
        // It comes up after the second attempt has failed.
        if (failures.push(error) === 2) {
          servers.push(new WebSocketServer({ host: '127.0.0.1', port: Number(new URL(url).port) }));
        }
        return true;
      },
      record: (record) => records.push(record),
    },
  });

  expect(client.attempts).toBeGreaterThanOrEqual(3);
  expect(records).toMatchObject([
    { name: `the connection to ${url}/`, outcome: 'succeeded', attempts: client.attempts },
  ]);
  expect(records[0]?.failures).toEqual(Array(client.attempts - 1).fill(expect.stringContaining('ECONNREFUSED')));
  await client.close();
  servers.forEach((server) => server.close());
});

test('an overloaded server is tried again, and each attempt that hangs is cut off', async () => {
  let asked = 0;
  const sockets = new WebSocketServer({ noServer: true });
  const web = createServer((_, response) => response.writeHead(503).end());
  web.on('upgrade', (request, socket: Socket, head) => {
    asked += 1;
    if (asked === 1) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
    } else if (asked >= 3) {
      sockets.handleUpgrade(request, socket, head, () => {});
    }
  });
  await using server = await servePlain(web);

  const client = await connectWebSocket(server.url, { timeout: 500, retry: { attempts: 9, delay: 1 } });

  expect(client.attempts).toBe(asked);
  expect(asked).toBeGreaterThanOrEqual(3);
  await client.close();
});

test('a server that is never there ends with what happened in each attempt', async () => {
  const url = await freeUrl();

  await expectNoTimersLeft(async () =>
    expect(connectWebSocket(url, { retry: { attempts: 3, delay: 1 } })).rejects.toMatchObject({
      code: 'MAYFLY_RETRIES_EXHAUSTED',
      message: expect.stringMatching(/^The connection to ws:.* did not succeed, in 3 attempts:\n.*1: .*ECONNREFUSED/),
      cause: { code: 'MAYFLY_WEBSOCKET_REFUSED' },
    }),
  );
});

test.each([401, 404])('a server that answers %i is not asked again', async (status) => {
  let asked = 0;
  await using server = await servePlain(
    createServer((_, response) => {
      asked += 1;
      response.writeHead(status).end();
    }),
  );

  await expect(connectWebSocket(server.url, { retry: { delay: 1 } })).rejects.toMatchObject({
    code: 'MAYFLY_WEBSOCKET_REFUSED',
    status,
  });
  expect(asked).toBe(1);
});
