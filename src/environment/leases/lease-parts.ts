import { withPool } from '../../connection/pooled-postgres.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { headlineOf } from '../../errors/reason.ts';
import { released } from '../../isolation/postgres/pool/lease-released.ts';
import type { PostgresLeases, ReturnedDatabase, TakenDatabase } from '../../isolation/postgres/postgres-leases.ts';
import type { LeaseHolder } from '../../isolation/postgres/registry/registry.ts';
import type { RedisSpace, ReturnedSpace } from '../../isolation/redis/redis-space.ts';
import type { RedisSpaces } from '../../isolation/redis/redis-spaces.ts';
import type { LeaseOffice } from './lease-office.ts';
import { leaseCoordinator, type Provided } from './lease-services.ts';
import { withPostMortem } from './with-post-mortem.ts';

/** What became of what a lease had. */
export interface ReleasedLease {
  /** `undefined` where the lease had no database, or no Redis space. */
  readonly database: ReturnedDatabase | undefined;
  readonly redis: ReturnedSpace | undefined;
}

/** How long a part of a lease is waited for. */
export interface PatienceOptions {
  /** In milliseconds; what the definition says where it is left out. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The parts of one lease, each taken when it is first asked for, and all given back together. */
export class LeaseParts implements AsyncDisposable {
  readonly #office: LeaseOffice;
  readonly #holder: LeaseHolder;
  readonly #patience: { readonly timeout: number; readonly signal: AbortSignal };
  #postgres: Promise<{ readonly leases: PostgresLeases; readonly taken: TakenDatabase }> | undefined;
  #redis: Promise<{ readonly spaces: RedisSpaces; readonly space: RedisSpace }> | undefined;
  #coordinator: Coordinator | undefined;
  #services: Promise<Readonly<Record<string, unknown>>> | undefined;
  #released: Promise<ReleasedLease> | undefined;

  constructor(office: LeaseOffice, holder: LeaseHolder, { timeout, signal }: PatienceOptions = {}) {
    this.#office = office;
    this.#holder = holder;
    this.#patience = {
      timeout: timeout ?? office.options.settings.timeout,
      signal: signal === undefined ? office.signal : AbortSignal.any([signal, office.signal]),
    };
    office.register(this);
  }

  get name(): string {
    return this.#holder.name;
  }

  get isReleased(): boolean {
    return this.#released !== undefined;
  }

  /** Whether the environment has a server of this kind. */
  has(server: 'postgres' | 'redis'): boolean {
    return this.#office.options.details()[server] !== undefined;
  }

  async postgres(): Promise<TakenDatabase> {
    this.#expectHeld();
    this.#postgres ??= this.#measure('postgres', async () => {
      const { leases } = await this.#office.postgres();
      return { leases, taken: await leases.take(this.#holder, this.#patience) };
    }).catch((error: unknown) => {
      // Whoever asks again may have more luck.
      this.#postgres = undefined;
      throw error;
    });
    return (await this.#postgres).taken;
  }

  /** The database, if it was asked for. */
  get taken(): Promise<TakenDatabase> | undefined {
    return this.#postgres?.then(({ taken }) => taken);
  }

  async redis(): Promise<RedisSpace> {
    this.#expectHeld();
    this.#redis ??= this.#measure('redis', async () => {
      const spaces = await this.#office.redis();
      return { spaces, space: await spaces.take(this.#holder, this.#patience) };
    }).catch((error: unknown) => {
      this.#redis = undefined;
      throw error;
    });
    return (await this.#redis).space;
  }

  /** The services of the lease, started on its own database and Redis space, by name. */
  async services(): Promise<Readonly<Record<string, unknown>>> {
    this.#expectHeld();
    this.#services ??= this.#startServices();
    return this.#services;
  }

  /**
   * Stops the services and gives everything back, or leaves the database to people to look at. Called again it gives the
   * same answer.
   *
   * @throws MayflyError `MAYFLY_LEASE_RETURN_FAILED`, after every part was seen to.
   */
  release({ keep = false }: { readonly keep?: boolean | undefined } = {}): Promise<ReleasedLease> {
    this.#released ??= this.#release(keep);
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #startServices(): Promise<Readonly<Record<string, unknown>>> {
    const { options } = this.#office;
    if (options.services.length === 0) {
      return {};
    }
    const details = options.details();
    const provided: Record<string, Provided> = Object.fromEntries(
      Object.entries(details).map(([name, value]) => [name, { start: async () => value }]),
    );
    if (details['postgres'] !== undefined) {
      const pooled = async (): Promise<unknown> => {
        const { details: database, pool } = await this.postgres();
        return withPool(database, pool);
      };
      provided['postgres'] = { start: pooled };
    }
    if (details['redis'] !== undefined) {
      provided['redis'] = { start: () => this.redis() };
    }
    this.#coordinator = leaseCoordinator(options, provided);
    const names = options.services.map(({ name }) => name);
    // What none of them depends on is not taken for them.
    await this.#coordinator.start(this.#patience.signal, names);
    const { values } = this.#coordinator;
    return Object.fromEntries(names.map((name) => [name, values.get(name)]));
  }

  #expectHeld(): void {
    if (this.#released !== undefined) {
      throw released(this.name);
    }
  }

  async #release(keep: boolean): Promise<ReleasedLease> {
    const stopped = await settle(this.#stopServices());
    const [database, redis] = await Promise.all([settle(this.#giveBackDatabase(keep)), settle(this.#giveBackSpace())]);
    // Not before: an office that closes waits for those that are on their way.
    this.#office.forget(this);
    const failures = [stopped, database, redis].filter((part) => part.status === 'rejected');
    if (failures.length > 0) {
      throw returnFailed(
        this.#holder.name,
        failures.map(({ reason }) => reason as unknown),
      );
    }
    return {
      database: database.status === 'fulfilled' ? database.value : undefined,
      redis: redis.status === 'fulfilled' ? redis.value : undefined,
    };
  }

  async #stopServices(): Promise<void> {
    // Before what it started has an owner it cannot be stopped.
    await this.#services?.catch(() => {});
    await this.#coordinator?.stop();
  }

  async #giveBackDatabase(keep: boolean): Promise<ReturnedDatabase | undefined> {
    const held = await this.#postgres?.catch(() => undefined);
    if (held === undefined) {
      return undefined;
    }
    const { leases, taken } = held;
    return this.#measure('postgres', () => (keep ? leases.leave(taken) : leases.giveBack(taken)), 'release');
  }

  async #giveBackSpace(): Promise<ReturnedSpace | undefined> {
    const held = await this.#redis?.catch(() => undefined);
    if (held === undefined) {
      return undefined;
    }
    const { spaces, space } = held;
    return this.#measure('redis', () => spaces.giveBack(space), 'release');
  }

  #measure<T>(service: string, work: () => Promise<T>, phase: 'lease' | 'release' = 'lease'): Promise<T> {
    const { timeline } = this.#office.options;
    return withPostMortem(this.#office, () => timeline.measure({ service, phase, attempt: 1 }, work));
  }
}

async function settle<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([work]);
  return result;
}

function returnFailed(name: string, causes: readonly unknown[]): MayflyError {
  const reasons = causes.map((cause) => `  - ${headlineOf(cause)}`).join('\n');
  return new MayflyError('MAYFLY_LEASE_RETURN_FAILED', {
    message: `The lease "${name}" could not be given back:\n${reasons}\n`,
    remedy: 'See whether its servers still run; what it held is taken away with the environment.',
    phase: 'reset',
    cause: causes[0],
  });
}
