import type { AdminConnection } from './admin-connection.ts';
import { readClientList } from './client-list.ts';
import type { Hold } from './hold.ts';
import type { Survey } from './server-survey.ts';

/**
 * Those of the holds whose holder is dead: its admin connection is not among the server's any more, or was one of an
 * earlier life of the server. Where the server does not say who is connected, nobody is known to be dead in this one.
 */
export async function deadAmong(
  connection: AdminConnection,
  { run }: Survey,
  holds: readonly Hold[],
): Promise<readonly Hold[]> {
  const clients = new Set(holds.filter((hold) => hold.run === run).map(({ client }) => client));
  if (clients.size === 0) {
    return holds;
  }
  const [listed] = await connection.ask(['client', 'list', 'id', ...clients]);
  const living = listed instanceof Error ? clients : new Set(readClientList(listed).map(({ id }) => id));
  return holds.filter((hold) => hold.run !== run || !living.has(hold.client));
}
