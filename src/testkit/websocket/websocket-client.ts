import { WebSocket } from 'ws';
import { z } from 'zod';
import { isMayflyError, MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { callable, milliseconds } from '../../service/option-schemas.ts';
import { showOne } from '../shown.ts';
import { abortSignal, validOptions, type WaitOptions } from '../wait-options.ts';
import { Inbox } from './inbox.ts';
import { readMessage, type MessageSchema } from './read-message.ts';
import { closedError, overflowError, timeoutError, type Situation } from './wait-errors.ts';
import type { CollectOptions, WebSocketEnd } from './websocket-options.ts';

/** What a client is made of. */
export interface ClientSettings<Message> {
  /** For errors: without secrets. */
  readonly url: string;
  readonly attempts: number;
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly maxUnread: number;
  readonly schema: MessageSchema<Message> | undefined;
}

const waitInput = z.strictObject({
  count: z.int().positive(),
  predicate: callable.optional(),
  timeout: milliseconds.optional(),
  signal: abortSignal,
});

/**
 * The client's side of a WebSocket connection. Messages that arrive before they are asked for are kept; each goes to one
 * wait: to the one that began first of those whom it fits.
 */
export class WebSocketClient<Message = unknown> implements AsyncIterable<Message>, AsyncDisposable {
  /** How many attempts the connection needed. */
  readonly attempts: number;
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<WebSocketEnd>;
  readonly #socket: WebSocket;
  readonly #settings: ClientSettings<Message>;
  readonly #inbox: Inbox<Message>;
  #failure: Error | undefined;
  #end: WebSocketEnd | undefined;
  #byClient = false;

  /** @internal */
  constructor(socket: WebSocket, settings: ClientSettings<Message>) {
    const { promise, resolve } = Promise.withResolvers<WebSocketEnd>();
    this.attempts = settings.attempts;
    this.closed = promise;
    this.#socket = socket;
    this.#settings = settings;
    this.#inbox = new Inbox(settings.maxUnread);

    const onAbort = (): void => this.#fail(settings.signal.reason);
    settings.signal.addEventListener('abort', onAbort, { once: true });
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('error', (error) => (this.#failure = error));
    socket.once('close', (code, reason) => {
      settings.signal.removeEventListener('abort', onAbort);
      this.#end = { code, reason: reason.toString('utf8') };
      this.#inbox.end(() => this.#closedError());
      resolve(this.#end);
    });
  }

  /** The subprotocol that the server chose; empty where none was asked for. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** The messages that have arrived and that nobody has taken, in their order: to see that nothing else came. */
  get unread(): readonly Message[] {
    return this.#inbox.unread;
  }

  /**
   * Sends text as it is, bytes as a binary message, and anything else as JSON.
   *
   * @throws MayflyError `MAYFLY_WEBSOCKET_CLOSED` when the connection is not open any more; `MAYFLY_INPUT_INVALID` when
   * the data cannot be written as JSON.
   */
  send(data: string | Uint8Array | object): void {
    const written = typeof data === 'string' || data instanceof Uint8Array ? data : asJson(data);
    if (this.#socket.readyState !== WebSocket.OPEN) {
      throw this.#closedError();
    }
    this.#socket.send(written);
  }

  /**
   * Takes the next message that fits: one that has arrived already, or one that is yet to come. Those that do not fit are
   * left to others.
   *
   * @throws MayflyError `MAYFLY_MESSAGE_TIMEOUT`, showing what did arrive, when none comes in time;
   * `MAYFLY_WEBSOCKET_CLOSED` when the connection is closed first; `MAYFLY_MESSAGES_OVERFLOW` and
   * `MAYFLY_MESSAGE_INVALID` when it was ended because of what was sent. What the predicate throws, it throws too.
   */
  next<Fitting extends Message>(
    predicate: (message: Message) => message is Fitting,
    options?: WaitOptions,
  ): Promise<Fitting>;
  next(predicate?: (message: Message) => boolean, options?: WaitOptions): Promise<Message>;
  async next(predicate?: (message: Message) => boolean, options: WaitOptions = {}): Promise<Message> {
    const [message] = await this.#take(1, { ...options, ...(predicate === undefined ? {} : { predicate }) }, 'next');
    return message as Message;
  }

  /**
   * Takes the next `count` messages that fit, in the order of their arrival, or none.
   *
   * @throws MayflyError as {@link next}.
   */
  async collect(count: number, options: CollectOptions<Message> = {}): Promise<Message[]> {
    return this.#take(count, options, 'collect');
  }

  /** Takes one message after the other until the connection is closed. Each must come within the client's timeout. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      let message: Message;
      try {
        message = await this.next();
      } catch (error) {
        if (isMayflyError(error) && error.code === 'MAYFLY_WEBSOCKET_CLOSED') {
          return;
        }
        throw error;
      }
      yield message;
    }
  }

  /**
   * Closes the connection, and says with what it was closed. A server that does not answer within the client's timeout is
   * cut off.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID` when a client may not send this code, or the reason is too long.
   */
  async close(code = 1000, reason = ''): Promise<WebSocketEnd> {
    const isOpen = this.#socket.readyState === WebSocket.OPEN;
    try {
      this.#socket.close(code, reason);
      this.#byClient ||= isOpen;
    } catch (error) {
      throw new MayflyError('MAYFLY_INPUT_INVALID', {
        message: `The connection cannot be closed with code ${code}: ${reasonOf(error)}.`,
        remedy: 'Use 1000 or a code from 3000 to 4999, and a reason of at most 123 bytes.',
        phase: 'run',
        cause: error,
      });
    }
    return this.closed;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #take(count: number, options: CollectOptions<Message>, of: string): Promise<Message[]> {
    const { timeout = this.#settings.timeout, signal } = validOptions(waitInput, { ...options, count }, of);
    const { predicate = () => true } = options;
    return this.#inbox.take(
      { count, predicate },
      { ms: timeout, signal, expired: (taken) => timeoutError(this.#situation, { count, taken, timeout }) },
    );
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#inbox.ended) {
      return;
    }
    try {
      const hasRoom = this.#inbox.add(readMessage(data, isBinary, this.#settings.schema));
      if (!hasRoom) {
        this.#fail(overflowError(this.#situation));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  get #situation(): Situation {
    return { url: this.#settings.url, unread: this.unread };
  }

  #closedError(): MayflyError {
    return closedError(this.#situation, { end: this.#end, byClient: this.#byClient, cause: this.#failure });
  }

  /** Ends everything: nothing that came after this could be relied on. */
  #fail(error: unknown): void {
    this.#inbox.end(() => error);
    this.#socket.terminate();
  }
}

function asJson(data: object): string {
  let reason = 'it has no form in JSON';
  try {
    const text = JSON.stringify(data) as string | undefined;
    if (text !== undefined) {
      return text;
    }
  } catch (error) {
    reason = reasonOf(error);
  }
  throw new MayflyError('MAYFLY_INPUT_INVALID', {
    message: `${showOne(data)} cannot be sent: ${reason}.`,
    remedy: 'Send text, bytes or what JSON can hold.',
    phase: 'run',
  });
}
