import type { AdminConnection, Command } from './admin-connection.ts';
import { describeClient, readClientList, type ListedClient } from './client-list.ts';
import type { Hold } from './hold.ts';
import { isOfSpace, type Registry, type Verdict } from './registry.ts';
import type { Survey } from './server-survey.ts';
import { userOf } from './space-user.ts';

/** What became of a hold that was to end, and which connections ended with it. */
export interface Ending {
  readonly verdict: Verdict;
  readonly leftover: readonly string[];
}

/**
 * Ends a hold: first whoever could still write, then the data, and only then the hold itself. A connection's commands are
 * carried out in their order, so none waits for the reply to another.
 */
export async function endHold(
  connection: AdminConnection,
  registry: Registry,
  { fence }: Survey,
  hold: Hold,
): Promise<Ending> {
  const list: Command = ['client', 'list'];
  const release = registry.releasing(hold);
  if (!isOfSpace(hold)) {
    return { verdict: registry.verdict((await connection.ask(release))[0]), leftover: [] };
  }
  if (fence !== undefined) {
    const user = userOf(hold);
    // With a user its connections end (redis.io/docs/latest/commands/acl-deluser).
    const [listed, , released] = await connection.ask(list, ['acl', 'deluser', user], release);
    return {
      verdict: registry.verdict(released),
      leftover: namesOf(readClientList(listed).filter((other) => other.user === user)),
    };
  }
  // Whoever has selected the database, for there is no other sign.
  const [listed] = await connection.ask(list);
  const inside = readClientList(listed).filter((other) => other.database === hold.database);
  const kills = inside.map(({ id }): Command => ['client', 'kill', 'id', id]);
  const [released] = (await connection.ask(...kills, release)).slice(-1);
  return { verdict: registry.verdict(released), leftover: namesOf(inside) };
}

function namesOf(clients: readonly ListedClient[]): string[] {
  return clients.map(describeClient);
}
