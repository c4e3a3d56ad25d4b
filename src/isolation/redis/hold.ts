import type { HeldSpace, SpaceHolder } from './redis-space.ts';

/** What the registry says of a database that is not free. */
export interface Hold extends SpaceHolder {
  readonly database: number;
  readonly session: string;
  /** Never used twice: by this a holder recognises what it holds. */
  readonly token: string;
  /** Whoever holds it lives as long as its admin connection does: this client, in this life of the server. */
  readonly client: number;
  readonly run: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly since: number;
}

/** A hold about to be entered: where and when, the registry decides. */
export type NewHold = Omit<Hold, 'database' | 'since'>;

/** A hold in words that are for everybody. */
export function describeHold({ database, name, session, worker, file, since }: Hold): HeldSpace {
  return { database, name, session, worker, file, since: new Date(since) };
}
