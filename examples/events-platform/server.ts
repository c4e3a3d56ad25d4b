import type { Server } from 'node:http';
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { eventsApp } from './app.ts';
import type { Platform } from './platform.ts';

/** HTTP and WebSockets on one server, which is yet to listen. */
export function platformServer(platform: Platform): Server {
  return createAdaptorServer({
    fetch: eventsApp(platform).fetch,
    // Its types do not know what may be left out, where `exactOptionalPropertyTypes` is on.
    websocket: { server: new WebSocketServer({ noServer: true }) as WebSocketServerLike },
  }) as Server;
}
