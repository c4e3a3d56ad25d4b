import type { PostgresSettings, RedisSettings } from '../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import type { RuntimeName } from '../connection/runtime-name.ts';
import type { ServiceContext } from '../service/service.ts';
import type { ServerEnd } from './server-end.ts';

/** A server that answers queries. Whoever started it stops it. */
export interface Server<Details> extends AsyncDisposable {
  readonly details: Details;
  /** Returns when a query was answered, or throws saying why not. */
  ping(signal: AbortSignal): Promise<void>;
  /** Resolves when it has ended though nobody has stopped it here; not for servers that are not ours. */
  readonly died: Promise<ServerEnd>;
  /** Takes the server and its data away. Called again it does nothing. */
  stop(): Promise<void>;
}

/**
 * The port behind which servers run. Each start resolves when the server has answered a query, or throws a MayflyError
 * and leaves nothing behind.
 */
export interface Runtime {
  readonly name: RuntimeName;
  startPostgres(settings: PostgresSettings, context: ServiceContext): Promise<Server<PostgresDetails>>;
  startRedis(settings: RedisSettings, context: ServiceContext): Promise<Server<RedisDetails>>;
}

/** Whether a runtime can be used on this machine, and if not, what to do about it. */
export type RuntimeProbe =
  | { readonly usable: true; readonly facts: readonly string[] }
  | { readonly usable: false; readonly reason: string; readonly remedy: string };
