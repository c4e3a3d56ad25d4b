import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttachedEnvironment } from '../environment/attached-environment.ts';
import { WorkerLease, type LeaseOrder } from './worker-lease.ts';

/** What the tests of one file have of the environment. */
export class FileLease extends WorkerLease {
  readonly #environment: AttachedEnvironment;
  readonly #outside: Outside;

  constructor(environment: AttachedEnvironment, file: string | undefined, outside: Outside) {
    super(environment, { name: 'all tests of the file', file });
    this.#environment = environment;
    this.#outside = outside;
  }

  /** Started as what no test has started: what they do later is not the doing of the test that asked first. */
  override services(): Promise<Readonly<Record<string, unknown>>> {
    return this.#outside(() => super.services());
  }

  /** A lease for one test of the file. */
  ofTest(order: LeaseOrder): WorkerLease {
    return new WorkerLease(this.#environment, order);
  }

  override async release(): Promise<readonly string[]> {
    try {
      return await super.release();
    } finally {
      await this.#environment[Symbol.asyncDispose]();
    }
  }
}

/** Carries out work in the async context of no test. */
type Outside = <T>(work: () => T) => T;

/** A lease under way, and how many use it. */
interface Shared {
  readonly lease: Promise<FileLease>;
  users: number;
}

/**
 * One lease for each file. vitest keeps what is of a file apart for every `test.extend` in it; here all of them get the
 * same.
 */
export class FileLeases {
  readonly #attach: () => Promise<AttachedEnvironment>;
  readonly #shared = new Map<string | undefined, Shared>();
  readonly #outside: Outside = AsyncLocalStorage.snapshot();

  constructor(attach: () => Promise<AttachedEnvironment>) {
    this.#attach = attach;
  }

  async enter(file: string | undefined): Promise<FileLease> {
    const shared = this.#shared.get(file) ?? { lease: this.#begin(file), users: 0 };
    this.#shared.set(file, shared);
    shared.users += 1;
    try {
      return await shared.lease;
    } catch (error) {
      this.#shared.delete(file);
      throw error;
    }
  }

  /** Gives the lease back when nobody uses it any more, and says what there is to say about it. */
  async leave(file: string | undefined): Promise<readonly string[]> {
    const shared = this.#shared.get(file);
    if (shared === undefined) {
      return [];
    }
    shared.users -= 1;
    if (shared.users > 0) {
      return [];
    }
    this.#shared.delete(file);
    return (await shared.lease).release();
  }

  async #begin(file: string | undefined): Promise<FileLease> {
    return new FileLease(await this.#attach(), file, this.#outside);
  }
}
