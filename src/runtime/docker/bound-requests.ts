import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** What becomes of the requests of some work. */
interface Bounds {
  readonly signal: AbortSignal;
  readonly onBrokenOff: ((error: Error) => void) | undefined;
  /** Whether they are no reason for this process to go on. */
  readonly isIdle: boolean;
}

const bounds = new AsyncLocalStorage<Bounds>();

// Published as a request is made (Node.js, "Diagnostics Channel", built-in channels).
subscribe('http.client.request.created', (message) => {
  const current = bounds.getStore();
  if (current !== undefined) {
    bind((message as { readonly request: ClientRequest }).request, current);
  }
});

/**
 * Has every HTTP request that `work` makes end with the signal. Testcontainers knows no signals, and a request to a
 * daemon that hangs would keep this process alive and, in Testcontainers, a lock.
 *
 * @param onBrokenOff hears of an answer that breaks off: Testcontainers and its Docker client wait for its end for ever.
 */
export function boundTo<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  onBrokenOff?: (error: Error) => void,
  isIdle = false,
): Promise<T> {
  return bounds.run({ signal, onBrokenOff, isIdle }, work);
}

/** Like {@link boundTo}, for work that needs every one of its answers to the end. */
export async function boundAndWhole<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise: brokenOff, reject } = Promise.withResolvers<never>();
  return Promise.race([boundTo(signal, work, reject), brokenOff]);
}

/** Like {@link boundAndWhole}, for an answer that may take as long as the process: it does not keep it running. */
export async function boundAndIdle<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise: brokenOff, reject } = Promise.withResolvers<never>();
  return Promise.race([boundTo(signal, work, reject, true), brokenOff]);
}

function bind(request: ClientRequest, { signal, onBrokenOff, isIdle }: Bounds): void {
  if (isIdle) {
    request.once('socket', (socket) => socket.unref());
  }
  const cut = (): void => void request.destroy(lost('the wait was given up'));
  signal.addEventListener('abort', cut, { once: true });
  request.once('close', () => signal.removeEventListener('abort', cut));
  if (onBrokenOff !== undefined) {
    request.once('response', (response: IncomingMessage) => {
      response.once('close', () => {
        if (!response.complete) {
          onBrokenOff(lost('its answer broke off'));
        }
      });
    });
  }
  // Given up by one daemon Testcontainers tries the next, and would keep to it.
  if (signal.aborted) {
    cut();
  }
}

/** As the system says it of a connection. */
function lost(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
