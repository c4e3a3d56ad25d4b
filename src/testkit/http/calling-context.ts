import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Has everything that a server does happen in the async context of this call, so that what a test keeps there, such as
 * its mocks, is found by the handlers. Gives a function that ends that for the server.
 *
 * By `emit`, because a server of the user's has its listeners already. Of its sockets too: what comes in after an upgrade
 * comes in no context otherwise (seen with Node 24).
 */
export function inCallingContext(server: Server): () => void {
  const run = AsyncLocalStorage.snapshot();
  const bind = (emitter: EventEmitter): (() => void) => {
    const before = Object.getOwnPropertyDescriptor(emitter, 'emit');
    const emit = emitter.emit.bind(emitter);
    emitter.emit = (event, ...values: unknown[]) => run(() => emit(event, ...values));
    return () => {
      Reflect.deleteProperty(emitter, 'emit');
      if (before !== undefined) {
        Object.defineProperty(emitter, 'emit', before);
      }
    };
  };
  const onConnection = (socket: Socket): void => void bind(socket);
  const release = bind(server);
  server.prependListener('connection', onConnection);
  return () => {
    server.off('connection', onConnection);
    release();
  };
}
