import type { RetryOptions } from '../retry/retry.ts';
import type { WaitOptions } from '../wait-options.ts';
import type { MessageSchema } from './read-message.ts';

/** How a WebSocket connection is made, and what its waits are bounded by. */
export interface WebSocketOptions<Message = unknown> {
  /** Headers of the upgrade request, such as `authorization` or `cookie`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The subprotocols that the server may choose from. */
  readonly protocols?: string | readonly string[];
  /**
   * How long one attempt to connect, each wait and the end may take where they say nothing else, in milliseconds: 4000
   * where it is left out.
   */
  readonly timeout?: number;
  /** Ends the attempt, later the connection and every wait, with the signal's own reason. */
  readonly signal?: AbortSignal;
  /** Tries again where the server is not there yet. Where this is left out there is one attempt. */
  readonly retry?: Omit<RetryOptions, 'signal'>;
  /** What every message is. One that does not fit ends the connection, and every wait says why. */
  readonly schema?: MessageSchema<Message>;
  /** How many messages may wait to be read: 1000 where it is left out. One more ends the connection. */
  readonly maxUnread?: number;
}

/** What bounds the wait for several messages, and which of them count. */
export interface CollectOptions<Message> extends WaitOptions {
  readonly predicate?: (message: Message) => boolean;
}

/** With what a connection was closed. */
export interface WebSocketEnd {
  /** As in [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455#section-7.4); 1006 where no closing was agreed upon. */
  readonly code: number;
  readonly reason: string;
}
