import type { PostgresDetails, RedisDetails } from '../../connection/details.ts';

/** A server on which leases were taken, and how it is reached. */
export type LeaseServer =
  | { readonly service: 'postgres'; readonly details: PostgresDetails }
  | { readonly service: 'redis'; readonly details: RedisDetails };

/** Takes away what any process of a run has on a server that goes on without it. What that takes is loaded then. */
export async function endLeases(server: LeaseServer, session: string): Promise<void> {
  if (server.service === 'postgres') {
    const { endSession } = await import('../../isolation/postgres/end-session.ts');
    await endSession(server.details, session);
    return;
  }
  const { RedisSpaces } = await import('../../isolation/redis/redis-spaces.ts');
  await using spaces = RedisSpaces.open(server.details, { session, isOurs: false });
  await spaces.endSession();
}
