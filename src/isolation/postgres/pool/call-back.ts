import { callbackify } from 'node:util';
import type { PoolClient } from 'pg';

/** What a pool's `connect` calls in place of giving a promise. */
export type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** Tells a callback what a promise brings. What the callback throws is nobody's rejection. */
export function callBack<T>(promise: Promise<T>, callback: (error: Error | null, result: T) => void): void {
  callbackify(async () => promise)(callback);
}

export function callBackWithClient(connecting: Promise<PoolClient>, callback: ConnectCallback): void {
  callBack<PoolClient | undefined>(connecting, (error, client) =>
    callback(error ?? undefined, client, (release) => client?.release(release)),
  );
}
