import {
  connectWebSocket,
  type RetryOptions,
  type RetryRecord,
  type ServedApp,
  type WebSocketClient,
} from 'mayfly/testkit';
import type { TestContext } from 'vitest';
import { workflowEvent, type WorkflowEvent } from './events.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What each connection of the test took: `connection-report.ts` sums it up. */
    connections?: RetryRecord[];
  }
}

interface Test extends Pick<TestContext, 'task' | 'signal'> {
  readonly onCleanup: (clean: () => Promise<void>) => void;
}

/** A client that hears what happens to a schedule: closed when its test ends, however that is. */
export type Subscribe = (
  live: Pick<ServedApp, 'websocketUrl'>,
  schedule: string,
  retry?: Pick<RetryOptions, 'retryIf'>,
) => Promise<WebSocketClient<WorkflowEvent>>;

/** Waits for a server that is not there yet, longer each time, and writes down in the test how often that was needed. */
export function subscriber({ task, signal, onCleanup }: Test): Subscribe {
  const records = (task.meta.connections = [] as RetryRecord[]);
  const clients: WebSocketClient<WorkflowEvent>[] = [];
  onCleanup(async () => {
    await Promise.all(clients.map(async (client) => client.close()));
  });

  return async (live, schedule, retry) => {
    const client = await connectWebSocket(live.websocketUrl(`/schedules/${schedule}/events`), {
      schema: workflowEvent,
      // A slow machine is no reason to fail.
      timeout: 10_000,
      signal,
      retry: { ...retry, attempts: 10, delay: 5, record: (record) => records.push(record) },
    });
    clients.push(client);
    return client;
  };
}
