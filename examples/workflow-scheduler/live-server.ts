import { once } from 'node:events';
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pool } from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';
import { UnknownName } from './errors.ts';
import type { EventFeed } from './event-feed.ts';
import type { WorkflowEvent } from './events.ts';
import { runsOf } from './runs.ts';
import { Schedules } from './schedules.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The runs of a schedule over HTTP (`/schedules/:name/runs`), and what happens to them over a WebSocket
 * (`/schedules/:name/events`). As long as the feed is not there it answers 503.
 */
export class LiveServer {
  readonly server: Server;
  readonly #db: Pool;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #audiences = new Map<string, Set<WebSocket>>();
  #feed: EventFeed | undefined;

  constructor(db: Pool, feed: Promise<EventFeed>) {
    this.#db = db;
    this.server = createServer((request, response) => void this.#respond(request, response));
    this.server.on('upgrade', (request, socket, head) => void this.#admit(request, socket, head));
    // Without one it stays unready, which is what health says; whoever opens the feed hears why.
    feed.then(this.#begin, () => {});
  }

  async listen({ port, host }: { readonly port: number; readonly host: string }): Promise<void> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
  }

  /** Says goodbye to the subscribers, so that they know that it is no accident. */
  async close(): Promise<void> {
    this.#feed?.off('event', this.#broadcast);
    for (const client of this.#sockets.clients) {
      client.close(1001, 'the server is going away');
    }
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  readonly #begin = (feed: EventFeed): void => {
    this.#feed = feed.on('event', this.#broadcast);
  };

  readonly #broadcast = (event: WorkflowEvent): void => {
    const text = JSON.stringify(event);
    this.#audiences.get(event.schedule)?.forEach((client) => client.send(text));
  };

  async #respond({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = method === 'GET' ? await this.#answer(url) : { status: 405, body: { code: 'read-only' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  async #answer(url: string): Promise<Answer> {
    if (url === '/health') {
      return this.#feed === undefined ? notReady : { status: 200, body: { code: 'ready' } };
    }
    const schedule = scheduleIn(url, 'runs');
    return schedule === undefined ? nowhere : this.#try(async () => runsOf(this.#db, schedule));
  }

  async #admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Whoever hangs up before there is an answer.
    socket.on('error', () => socket.destroy());
    const schedule = scheduleIn(request.url ?? '/', 'events');
    const { status, body } = await this.#answerToSubscriber(schedule);
    if (schedule === undefined || status !== 200) {
      refuse(socket, { status, body });
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      // Before the client knows that it is connected: it misses nothing from then on.
      const audience = this.#audiences.get(schedule) ?? new Set();
      this.#audiences.set(schedule, audience.add(client));
      client.once('close', () => audience.delete(client));
    });
  }

  async #answerToSubscriber(schedule: string | undefined): Promise<Answer> {
    if (this.#feed === undefined) {
      return notReady;
    }
    return schedule === undefined ? nowhere : this.#try(async () => new Schedules(this.#db).find(schedule));
  }

  async #try(work: () => Promise<unknown>): Promise<Answer> {
    try {
      return { status: 200, body: await work() };
    } catch (error) {
      return error instanceof UnknownName
        ? { status: 404, body: { code: error.code, message: error.message } }
        : { status: 500, body: { code: 'unexpected' } };
    }
  }
}

const notReady: Answer = { status: 503, body: { code: 'not-ready' } };
const nowhere: Answer = { status: 404, body: { code: 'unknown-path' } };

const paths = { runs: /^\/schedules\/([\w-]+)\/runs$/, events: /^\/schedules\/([\w-]+)\/events$/ };

function scheduleIn(url: string, what: keyof typeof paths): string | undefined {
  return paths[what].exec(url)?.[1];
}

function refuse(socket: Duplex, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      '',
      text,
    ].join('\r\n'),
  );
}
