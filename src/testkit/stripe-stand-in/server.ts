import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Api } from './api.ts';
import type { Store } from './store.ts';

/** By which every answer says that it is not Stripe's. */
export const testDoubleHeader: { readonly 'x-test-double': string } = { 'x-test-double': 'mayfly stripe stand-in' };

/** An API on a free port of this machine's loopback address. */
export async function serve(api: Api, store: Store): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    respond(api, store, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function respond(api: Api, store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const { headers } = request;
  const key = headers['idempotency-key'];
  const requestId = store.newId('req');
  const { status, body, replayed } = api.answer(
    {
      method: request.method ?? '',
      url: request.url ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
      authorization: headers.authorization,
      idempotencyKey: typeof key === 'string' ? key : undefined,
    },
    requestId,
  );
  response.writeHead(status, {
    ...testDoubleHeader,
    'content-type': 'application/json',
    'request-id': requestId,
    ...(typeof key === 'string' ? { 'idempotency-key': key } : {}),
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    ...(typeof headers['stripe-version'] === 'string' ? { 'stripe-version': headers['stripe-version'] } : {}),
  });
  response.end(body);
}
