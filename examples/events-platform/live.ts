import { upgradeWebSocket } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { eventFilter, fits, type EventFilter, type StoredEvent } from './event.ts';
import type { Feed } from './feed.ts';

/** What a client is sent. */
export type LiveMessage =
  | { readonly subscribed: EventFilter }
  | { readonly event: StoredEvent }
  | { readonly error: string };

const request = z.strictObject({ subscribe: eventFilter });

/**
 * A stream of events. A client says which; from the confirmation on it is sent all of them, and maybe what was published
 * just before.
 */
export function live(feed: Feed): MiddlewareHandler {
  return upgradeWebSocket(() => {
    let unsubscribe = (): void => {};
    return {
      onMessage: ({ data }, socket) => {
        const send = (message: LiveMessage): void => socket.send(JSON.stringify(message));
        const asked = request.safeParse(readJson(data));
        if (!asked.success) {
          send({ error: z.prettifyError(asked.error) });
          return;
        }
        unsubscribe();
        const filter = asked.data.subscribe;
        unsubscribe = feed.listen((event) => {
          if (fits(event, filter)) {
            send({ event });
          }
        });
        send({ subscribed: filter });
      },
      onClose: () => unsubscribe(),
    };
  });
}

function readJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
