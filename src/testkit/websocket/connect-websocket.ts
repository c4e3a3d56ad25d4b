import { z } from 'zod';
import { milliseconds } from '../../service/option-schemas.ts';
import { retry } from '../retry/retry.ts';
import { abortSignal, defaultTimeout, validOptions } from '../wait-options.ts';
import { openSocket } from './open-socket.ts';
import type { MessageSchema } from './read-message.ts';
import { shownUrl } from './shown-url.ts';
import { WebSocketClient } from './websocket-client.ts';
import type { WebSocketOptions } from './websocket-options.ts';
import { WebSocketRefusedError } from './websocket-refused-error.ts';

const input = z.strictObject({
  url: z.union([z.url({ protocol: /^(ws|http)s?$/ }), z.instanceof(URL)], 'expected a URL with ws, wss, http or https'),
  headers: z.record(z.string(), z.string()).default({}),
  protocols: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  timeout: milliseconds.default(defaultTimeout),
  signal: abortSignal,
  retry: z.looseObject({}).optional(),
  schema: z.looseObject({ '~standard': z.looseObject({}) }, 'expected a schema, such as one of zod').optional(),
  maxUnread: z.int().positive().default(1_000),
});

/**
 * Connects to a WebSocket server. The URL may begin with `http` too.
 *
 * @throws {@link WebSocketRefusedError} `MAYFLY_WEBSOCKET_REFUSED` when the connection does not come about: with the
 * status and the body of the server's answer, where there is one. With `retry`, `MAYFLY_RETRIES_EXHAUSTED` when the server
 * was not there in any attempt; an answer such as 401 or 404 is not tried again. `MAYFLY_INPUT_INVALID` when an option is
 * not valid.
 *
 * @example
 * ```ts
 * await using client = await connectWebSocket<Sale>(`${app.url}/sales`, { headers: { authorization } });
 * client.send({ subscribe: 'event-1' });
 * const sale = await client.next(({ eventId }) => eventId === 'event-1');
 * ```
 */
export async function connectWebSocket<Message = unknown>(
  url: string | URL,
  options: WebSocketOptions<Message> = {},
): Promise<WebSocketClient<Message>> {
  const valid = validOptions(input, { ...options, url }, 'connectWebSocket');
  const { headers, protocols, timeout, signal } = valid;
  const schema = valid.schema as MessageSchema<Message> | undefined;
  const settings = { url: shownUrl(url), timeout, signal, schema, maxUnread: valid.maxUnread };
  // The types of ws do not know `closeTimeout` yet.
  const socketOptions: object = { headers, closeTimeout: timeout };

  const attempt = async (number: number, given: AbortSignal): Promise<WebSocketClient<Message>> =>
    openSocket(
      {
        url,
        protocols,
        options: socketOptions,
        timeout,
        onSocket: (socket) => new WebSocketClient(socket, { ...settings, attempts: number }),
      },
      given,
    );

  return options.retry === undefined
    ? attempt(1, signal)
    : retry(async ({ number, signal: given }) => attempt(number, given), {
        name: `the connection to ${settings.url}`,
        retryIf: mayPass,
        ...options.retry,
        signal,
      });
}

function mayPass(error: unknown): boolean {
  return error instanceof WebSocketRefusedError && error.mayPass;
}
