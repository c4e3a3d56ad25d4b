import { randomBytes } from 'node:crypto';
import { reasonOf } from '../../errors/reason.ts';
import type { AdminConnection, Command } from './admin-connection.ts';
import { unavailable } from './space-errors.ts';
import { userRules, type Fence } from './space-user.ts';

/** What must be known of a server before spaces can be taken on it. */
export interface Survey {
  /** The connection that asks, by its number. */
  readonly client: number;
  /** Identifies this life of the server: numbers of clients begin anew in the next. */
  readonly run: string;
  readonly fence: Fence | undefined;
  /** Why there is no fence, in the server's words. */
  readonly reason: string;
}

/**
 * Asks the server what it is and what its administrator lets us do: by doing it, because versions, forks and privileges
 * are too many to be told by their names.
 *
 * @throws MayflyError `MAYFLY_REDIS_SPACES_UNAVAILABLE` if it is a cluster or answers no questions.
 */
export async function surveyServer(connection: AdminConnection): Promise<Survey> {
  const trial = `mayfly-trial-${randomBytes(6).toString('hex')}`;
  const make = (fence: Fence): Command => ['acl', 'setuser', trial, ...userRules(fence, trial, 1, trial), 'off'];
  const [client, info, byDatabase, byCommand, removed] = await connection.ask(
    ['client', 'id'],
    ['info', 'server'],
    make('databases'),
    make('commands'),
    ['acl', 'deluser', trial],
  );
  const about = String(connection.granted(info));
  if (/^(redis|server)_mode:cluster/m.test(about)) {
    throw unavailable(connection.place, 'it is a cluster', 'Use a server that is not, with several logical databases.');
  }
  const [, run = ''] = /^run_id:([0-9a-f]{8})/m.exec(about) ?? [];
  const refusal = [removed, byCommand].find((reply) => reply instanceof Error);
  return {
    client: Number(connection.granted(client)),
    run,
    fence: refusal !== undefined ? undefined : byDatabase instanceof Error ? 'commands' : 'databases',
    reason: refusal === undefined ? '' : reasonOf(refusal),
  };
}
