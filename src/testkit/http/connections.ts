import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Who is connected to a server, and what it is working on. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** How many requests each connection waits for. */
  readonly #running = new Map<Socket, Set<ServerResponse>>();
  readonly #work = new Set<Promise<unknown>>();
  #ended: (() => void) | undefined;

  constructor(server: Server) {
    this.#server = server;
    server.prependListener('connection', this.#onConnection);
    server.prependListener('request', this.#onRequest);
  }

  /** What a handler is at, also when nobody waits for its answer any longer. */
  track(work: Promise<unknown>): void {
    this.#work.add(work);
    const follow = async (): Promise<void> => {
      // Who is at it hears of its failure.
      await work.catch(() => {});
      this.#work.delete(work);
      this.#lookForEnd();
    };
    void follow();
  }

  /**
   * Ends the connections that are idle or upgraded at once, and the others when their requests are answered, but at the
   * latest after `grace` milliseconds. Gives the number of those that were cut off. The server must not accept any more.
   */
  async end(grace: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = resolve;
    for (const socket of this.#open) {
      if (this.#isWorkingFor(socket)) {
        this.#running.get(socket)?.forEach(announceEnd);
      } else {
        // After what has been written.
        socket.destroySoon();
      }
    }
    const timer = setTimeout(resolve, grace);
    this.#lookForEnd();
    await promise;
    clearTimeout(timer);
    const cut = [...this.#open];
    cut.forEach((socket) => socket.destroy());
    return cut.filter((socket) => this.#isWorkingFor(socket)).length;
  }

  /** Takes its listeners off the server. */
  release(): void {
    this.#server.off('connection', this.#onConnection);
    this.#server.off('request', this.#onRequest);
  }

  readonly #onConnection = (socket: Socket): void => {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#lookForEnd();
    });
  };

  readonly #onRequest = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    const running = this.#running.get(socket) ?? new Set();
    this.#running.set(socket, running.add(response));
    if (this.#ended !== undefined) {
      announceEnd(response);
    }
    response.once('close', () => {
      running.delete(response);
      if (running.size === 0) {
        this.#running.delete(socket);
        if (this.#ended !== undefined) {
          socket.destroySoon();
        }
      }
    });
  };

  #isWorkingFor(socket: Socket): boolean {
    return this.#running.has(socket);
  }

  #lookForEnd(): void {
    if (this.#open.size === 0 && this.#work.size === 0) {
      this.#ended?.();
    }
  }
}

/** So that a client does not send another request on a connection that is about to end. */
function announceEnd(response: ServerResponse): void {
  if (!response.headersSent) {
    response.setHeader('connection', 'close');
  }
}
