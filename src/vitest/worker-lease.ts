import type { Redis } from 'ioredis';
import type pg from 'pg';
import { readProcessEnv } from '../config/process-env.ts';
import type { AttachedEnvironment } from '../environment/attached-environment.ts';
import type { LeaseParts, ReleasedLease } from '../environment/leases/lease-parts.ts';
import { connectRedis } from './redis-client.ts';

/** A lease as the tests of a file share it. What is asked for is taken then, and goes with the file. */
export interface SharedLease {
  /** A pool of the lease's own database. */
  pool(): Promise<pg.Pool>;
  /** A client of the lease's own Redis space. */
  redis(): Promise<Redis>;
  /** The lease-scoped services of the definition, by name. */
  services(): Promise<Readonly<Record<string, unknown>>>;
}

/** For whom a lease is, and how long it is waited for. */
export interface LeaseOrder {
  readonly name: string;
  /** The test file. */
  readonly file: string | undefined;
  /** In milliseconds, where that is less than what the environment says. */
  readonly timeout?: number;
  /** Gives the wait up. */
  readonly signal?: AbortSignal;
}

/** A lease as the fixtures of one file or test share it: what none of them asks for is not taken. */
export class WorkerLease implements SharedLease {
  readonly parts: LeaseParts;
  readonly #failed = new Set<string>();
  readonly #keepsFailed: boolean;
  #redis: Promise<Redis> | undefined;

  constructor(environment: AttachedEnvironment, { name, file, timeout = Infinity, signal }: LeaseOrder) {
    const { keepFailed, timeout: longest } = environment.leaseSettings;
    const worker = readProcessEnv().vitestWorker;
    this.parts = environment.leaseParts({ name, file, worker }, { timeout: Math.min(timeout, longest), signal });
    this.#keepsFailed = keepFailed;
  }

  async pool(): Promise<pg.Pool> {
    return (await this.parts.postgres()).pool;
  }

  async databaseUrl(): Promise<string> {
    return (await this.parts.postgres()).details.url;
  }

  redis(): Promise<Redis> {
    this.#redis ??= this.parts.redis().then(({ url }) => connectRedis(url, this.parts.name));
    return this.#redis;
  }

  async services(): Promise<Readonly<Record<string, unknown>>> {
    return this.parts.services();
  }

  /** A test failed while it had the lease. */
  fail(test: string): void {
    this.#failed.add(test);
  }

  /** Gives everything back, and says what there is to say about it, one line each. */
  async release(): Promise<readonly string[]> {
    const redis = await this.#redis?.catch(() => undefined);
    redis?.disconnect();
    const keep = this.#keepsFailed && this.#failed.size > 0;
    const taken = keep ? await this.parts.taken?.catch(() => undefined) : undefined;
    const released = await this.parts.release({ keep });
    const lines = leftovers(released).map((line) => `${this.parts.name}: ${line}`);
    // That for tools such as psql, which refuse parameters that they do not know.
    return taken === undefined
      ? lines
      : [`the database of ${this.#names()} is kept: ${taken.details.plainUrl}`, ...lines];
  }

  /** The tests that failed. */
  #names(): string {
    return [...this.#failed].map((name) => `"${name}"`).join(', ');
  }
}

/** Whose connections had to be ended. */
function leftovers({ database, redis }: ReleasedLease): string[] {
  const open = { 'the database': database?.leftover ?? [], Redis: redis?.leftover ?? [] };
  return Object.entries(open)
    .filter(([, names]) => names.length > 0)
    .map(([server, names]) => `connections to ${server} were left open, and ended: ${names.map(nameOf).join(', ')}`);
}

function nameOf(application: string): string {
  return application === '' ? '(without application_name)' : application;
}
