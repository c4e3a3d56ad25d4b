import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { shownUrl } from './shown-url.ts';
import { WebSocketRefusedError } from './websocket-refused-error.ts';

/** Where to connect, how, and for how long it is tried. */
export interface Opening<Result> {
  readonly url: string | URL;
  readonly protocols: readonly string[];
  readonly options: ClientOptions;
  readonly timeout: number;
  /** Gets the socket before anything can have arrived on it. Whoever it is hears its errors, then and later. */
  readonly onSocket: (socket: WebSocket) => Result;
}

/** As much of an answer as is shown. */
const longestBody = 1_000;

/** Opens a connection, once, and gives what `onSocket` made of it. Where it does not come about, nothing of it is left. */
export async function openSocket<Result>(opening: Opening<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { timeout: ms } = opening;
  const url = shownUrl(opening.url);
  const socket = createSocket(opening);
  const answer = new Answer();
  const expired = (): Error =>
    answer.refusal(url) ?? new WebSocketRefusedError(url, { reason: `no answer came within ${ms} ms` });
  try {
    const result = opening.onSocket(socket);
    await withDeadline({ ms, signal, expired }, async () => opened(socket, url, answer));
    return result;
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

function createSocket({ url, protocols, options }: Opening<unknown>): WebSocket {
  try {
    return new WebSocket(url, [...protocols], options);
  } catch (error) {
    throw new MayflyError('MAYFLY_INPUT_INVALID', {
      message: `A WebSocket connection cannot be asked for like this: ${reasonOf(error)}.`,
      remedy: 'Correct the URL, the headers or the subprotocols given to `connectWebSocket`.',
      phase: 'run',
      cause: error,
    });
  }
}

async function opened(socket: WebSocket, url: string, answer: Answer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve);
  socket.once('error', (error) => reject(new WebSocketRefusedError(url, { reason: reasonOf(error), cause: error })));
  socket.once('unexpected-response', (_, response) => {
    answer.read(response).then(() => reject(answer.refusal(url)), reject);
  });
  await promise;
}

/** What a server said instead of opening the connection. */
class Answer {
  #response: IncomingMessage | undefined;
  #body = '';

  async read(response: IncomingMessage): Promise<void> {
    this.#response = response;
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) {
        this.#body += chunk as string;
        if (this.#body.length >= longestBody) {
          break;
        }
      }
    } catch {
      // The status says enough where the rest cannot be read.
    }
  }

  refusal(url: string): WebSocketRefusedError | undefined {
    if (this.#response === undefined) {
      return undefined;
    }
    const { statusCode: status = 0, statusMessage = '' } = this.#response;
    const reason = `the server answered ${status} ${statusMessage}`.trimEnd();
    return new WebSocketRefusedError(url, { reason, status, body: this.#body.slice(0, longestBody).trim() });
  }
}
