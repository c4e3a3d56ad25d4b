import type { RuntimeName } from './runtime-name.ts';

/** How to reach a Postgres: plain data. */
export interface PostgresDetails {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly url: string;
  readonly runtime: RuntimeName;
  /** The container or process in words, for people. */
  readonly place: string;
}

/** How to reach a Redis: plain data. */
export interface RedisDetails {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** The logical database. */
  readonly database: number;
  readonly url: string;
  readonly runtime: RuntimeName;
  /** The container or process in words, for people. */
  readonly place: string;
}
