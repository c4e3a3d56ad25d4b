import type { AdminConnection } from './admin-connection.ts';
import type { Hold } from './hold.ts';
import type { Survey } from './server-survey.ts';
import { holdOf } from './space-user.ts';

/**
 * The holds that are known without the registry, to restore it where somebody's FLUSHALL has emptied it: those that have a
 * user on the server, which FLUSHALL leaves, and those of this process.
 */
export async function survivingHolds(
  connection: AdminConnection,
  { fence, run }: Survey,
  own: readonly Hold[],
): Promise<Hold[]> {
  const users = fence === undefined ? [] : await usersOfSpaces(connection);
  const surviving = new Map(users.map((hold) => [hold.database, hold]));
  for (const hold of own) {
    // Where another has the database now, ours was taken away.
    const other = surviving.get(hold.database);
    if (other === undefined || other.token === hold.token) {
      surviving.set(hold.database, hold);
    }
  }
  return [...surviving.values()].filter((hold) => hold.run === run);
}

/** The holds for which the server has a user, with the words of their holders left out. */
export async function usersOfSpaces(connection: AdminConnection): Promise<Hold[]> {
  const names = (await connection.demand(['acl', 'users'])) as string[];
  return names.map(holdOf).filter((hold) => hold !== undefined);
}
