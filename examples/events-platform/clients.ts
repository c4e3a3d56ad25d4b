import { connectWebSocket, type ServedApp, type WebSocketClient } from 'mayfly/testkit';
import type { EventFilter, StoredEvent } from './event.ts';
import type { LiveMessage } from './live.ts';

/** What the platform answers, as far as tests look into it. */
export interface Answer {
  readonly status: number;
  readonly body: {
    readonly id: string;
    /** That of a form, or of what was submitted to it. */
    readonly event: StoredEvent;
  };
}

export type Post = (path: string, body: unknown) => Promise<Answer>;

export function poster(site: ServedApp): Post {
  return async (path, body) => {
    const answer = await site.fetch(path, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  };
}

export type Subscribe = (filter?: EventFilter) => Promise<WebSocketClient<LiveMessage>>;

/** Clients whose subscription has been confirmed. They go with the server. */
export function subscriber(site: ServedApp, signal: AbortSignal): Subscribe {
  return async (filter = {}) => {
    const client = await connectWebSocket<LiveMessage>(site.websocketUrl('/live'), { signal, timeout: 20_000 });
    client.send({ subscribe: filter });
    await client.next((message) => 'subscribed' in message);
    return client;
  };
}
