import type { Logger } from 'pino';
import type { Ownership } from './ownership.ts';

declare const types: unique symbol;

/**
 * How long a service lives: `run` from the start of the environment to its end, `lease` wherever a lease is taken, on
 * top of that lease's own database.
 */
export type ServiceScope = 'run' | 'lease';

/** Names a service and carries the types that it is known by: what another service writes under `dependsOn`. */
export interface ServiceRef<
  Name extends string = string,
  Value = unknown,
  Details = unknown,
  Scope extends ServiceScope = ServiceScope,
> {
  readonly name: Name;
  /** Exists for the compiler alone. */
  readonly [types]?: { readonly value: Value; readonly details: Details; readonly scope: Scope };
}

/** The services that a service needs, each under the name by which its functions receive it. */
export type Dependencies = Readonly<Record<string, ServiceRef>>;

/**
 * What a service receives of those that it depends on, under the same names: their values. Only the details of a service
 * of the run reach a lease, which may be in another process.
 */
export type ValuesOf<Needs extends Dependencies, Scope extends ServiceScope> = {
  readonly [Key in keyof Needs]: Needs[Key] extends ServiceRef<string, infer Value, infer Details, infer Theirs>
    ? [Scope, Theirs] extends ['lease', 'run']
      ? Details
      : Value
    : never;
};

/** What every function of a service receives beside the values that it works on. */
export interface ServiceContext {
  /** Aborted when the deadline has passed or the environment gives up: stop waiting, release, and throw. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Where a service writes down what it makes outside this process, before it makes it. */
  readonly ownership: Ownership;
  /** Tells the user about something slow or unusual, such as an image that is being pulled. */
  readonly note: (message: string) => void;
}

/** The part of a context that is the same for every phase. */
export type SharedContext = Omit<ServiceContext, 'signal'>;

/** Deadlines of the phases of a service's life, in milliseconds. */
export interface ServiceTimeouts {
  /** 120,000 where it is left out. */
  readonly prepare: number;
  /** For one attempt of `start`. */
  readonly start: number;
  /** From the end of `start` until `check` passes. */
  readonly check: number;
  readonly reset: number;
  readonly stop: number;
}

/** How often a failed start is tried again, and how long is waited between two attempts. */
export interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Before the second attempt, in milliseconds; doubled before each further one, then shortened at random by up to half. */
  readonly delay: number;
  /** The longest wait, in milliseconds. */
  readonly maxDelay: number;
}

/**
 * What the author of a service writes. Only `name` and `start` are required.
 *
 * Each function may be asynchronous. The coordinator owns the value that `start` returns, and stops it exactly once: by `stop`, or, where there is none,
 * by the value's own `Symbol.asyncDispose` or `Symbol.dispose`.
 */
export interface ServiceDefinition<
  Name extends string,
  Value,
  Needs extends Dependencies,
  Details,
  Scope extends ServiceScope,
> {
  /** Unique in its environment: lower-case letters, digits and dashes, beginning with a letter. */
  readonly name: Name;
  /** `lease` where it is left out. A service of the run cannot depend on one of a lease. */
  readonly scope?: Scope;
  /** Started before this service and stopped after it. */
  readonly dependsOn?: Needs;
  readonly timeouts?: Partial<ServiceTimeouts>;
  readonly retry?: Partial<RetryOptions>;
  /**
   * Fills the database that every lease's is a copy of, once: schema and seed. Postgres is reached as a superuser then.
   * Only for services of a lease.
   */
  prepare?(dependencies: ValuesOf<Needs, 'lease'>, context: ServiceContext): unknown;
  /**
   * The files and directories that `prepare` depends on: as long as none of them changes, nor the function itself, what
   * was prepared is used again. A `prepare` without any is carried out in every run.
   */
  readonly inputs?: readonly (string | URL)[];
  /** Makes the value. What it acquired before it throws, it releases itself. */
  start(dependencies: ValuesOf<Needs, Scope>, context: ServiceContext): Value | Promise<Value>;
  /** Returns when the service is healthy, or throws saying why not. Asked again and again until it first passes. */
  check?(value: Value, context: ServiceContext): unknown;
  /** Brings the service back to the state it had when it was ready. */
  reset?(value: Value, context: ServiceContext): unknown;
  /** Releases everything that `start` acquired. */
  stop?(value: Value, context: ServiceContext): unknown;
  /** What other processes need to reach the service: plain data that survives JSON. */
  details?(value: Value): Details;
}

/** What a service puts into the database that every lease's is a copy of. */
export interface Preparation {
  /** The function's own text. */
  readonly source: string;
  /** The files and directories that it depends on; `undefined` where the author named none. */
  readonly inputs: readonly (string | URL)[] | undefined;
  prepare(dependencies: Readonly<Record<string, unknown>>, context: ServiceContext): Promise<void>;
}

/** A service as the coordinator sees it: a definition with every option filled in. */
export interface Service<
  Name extends string = string,
  Value = unknown,
  Details = unknown,
  Scope extends ServiceScope = ServiceScope,
> extends ServiceRef<Name, Value, Details, Scope> {
  readonly scope: Scope;
  readonly dependsOn: Dependencies;
  /** `undefined` where the service has nothing to prepare. */
  readonly preparation: Preparation | undefined;
  readonly timeouts: ServiceTimeouts;
  readonly retry: RetryOptions;
  start(dependencies: Readonly<Record<string, unknown>>, context: ServiceContext): Promise<Value>;
  check(value: Value, context: ServiceContext): Promise<void>;
  reset(value: Value, context: ServiceContext): Promise<void>;
  stop(value: Value, context: ServiceContext): Promise<void>;
  details(value: Value): Details | undefined;
}
