import type { RedisDetails } from '../../connection/details.ts';

/**
 * A logical database of somebody's own, as plain data. On a server with users (ACL, from Redis 7 and Valkey) the login is
 * a user that exists as long as the space is held, and that can do nothing which others would notice; see `space-user.ts`.
 *
 * Redis cannot keep a user out of database 0: a client that never sends SELECT writes there. `url` names the
 * database, and every client selects what its URL names. Valkey refuses such writes from 9.1 on.
 */
export interface RedisSpace extends RedisDetails {
  /**
   * Channels of Pub/Sub begin with this: Pub/Sub ignores logical databases, and the user may use no other channels but
   * those of its own database's keyspace notifications. SUBSCRIBE may name any channel that begins so; PSUBSCRIBE only
   * the prefix itself followed by `*`, because the server allows no narrower pattern. Empty where the server has no users.
   */
  readonly channelPrefix: string;
}

/** For whom a space is taken, in the words of errors and lists. */
export interface SpaceHolder {
  readonly name: string;
  readonly worker?: string | undefined;
  /** The test file. */
  readonly file?: string | undefined;
}

/** A space that somebody holds, in this process or another, on this machine or another. */
export interface HeldSpace extends SpaceHolder {
  readonly database: number;
  readonly session: string;
  /** By the server's clock. */
  readonly since: Date;
}

/** What was found when a space was given back. */
export interface ReturnedSpace {
  /** The connections that were still open, and were ended: their name, if they have one, and their address. */
  readonly leftover: readonly string[];
}
