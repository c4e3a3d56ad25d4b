import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pause } from '../../service/pause.ts';
import { Turns } from '../turns.ts';
import type { DatabaseMaker } from './database/database-maker.ts';
import type { Keeper } from './keeper.ts';
import { describeHolders } from './registry/holders.ts';
import type { LeaseHolder, RegisteredDatabase, Registry } from './registry/registry.ts';

/** For how long a database may be waited for, and until when. */
export interface WaitOptions {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** How long is waited between two looks for a database, when all are taken, in milliseconds. */
const interval = 5;

/** In how many of these looks it is found out whether holders are still there, which takes longest: every so many. */
const looksBetweenReclaims = 20;

/** Gets databases for the takers of one process, and makes them wait in the order in which they came. */
export class DatabaseTaker {
  readonly #template: string;
  readonly #registry: Registry;
  readonly #maker: DatabaseMaker;
  readonly #keeper: Keeper;
  readonly #turns = new Turns();

  constructor(
    template: string,
    { registry, maker, keeper }: { registry: Registry; maker: DatabaseMaker; keeper: Keeper },
  ) {
    this.#template = template;
    this.#registry = registry;
    this.#maker = maker;
    this.#keeper = keeper;
  }

  /**
   * A database that is ready, else a new one, else the next that comes back.
   *
   * @throws MayflyError `MAYFLY_LEASE_TIMEOUT`, or `MAYFLY_POSTGRES_UNREACHABLE`.
   */
  async take(holder: LeaseHolder, { timeout, signal }: WaitOptions): Promise<RegisteredDatabase> {
    signal.throwIfAborted();
    // Those who wait come first.
    const ready = this.#turns.areFree ? await this.#registry.take(this.#template, holder) : undefined;
    if (ready !== undefined) {
      return ready;
    }
    const late: { taking?: Promise<RegisteredDatabase> } = {};
    const expired = new Error('nothing was free');
    try {
      return await withDeadline({ ms: timeout, signal, expired: () => expired }, (bounded) =>
        this.#turns.take(bounded, () => (late.taking = this.#wait(holder, bounded))),
      );
    } catch (error) {
      // What comes too late is nobody's.
      late.taking
        ?.then(({ database }) => this.#registry.giveUp(database))
        .then(() => this.#keeper.wake())
        .catch(() => {});
      throw error === expired ? await this.#timedOut(timeout) : error;
    }
  }

  async #wait(holder: LeaseHolder, signal: AbortSignal): Promise<RegisteredDatabase> {
    await this.#keeper.start();
    for (let look = 0; ; look += 1) {
      signal.throwIfAborted();
      const taken = (await this.#registry.take(this.#template, holder)) ?? (await this.#make(holder));
      if (taken !== undefined) {
        return taken;
      }
      if (look % looksBetweenReclaims === 0 && (await this.#registry.reclaim()).length > 0) {
        this.#keeper.wake();
      } else {
        await pause(interval, signal);
      }
    }
  }

  async #make(holder: LeaseHolder): Promise<RegisteredDatabase | undefined> {
    const made = await this.#maker.make();
    if (made === undefined) {
      return undefined;
    }
    const isOurs = await this.#registry.hold(made.database, made.proof, holder);
    return isOurs ? { ...made, ...holder, since: new Date() } : undefined;
  }

  async #timedOut(timeout: number): Promise<MayflyError> {
    const holders = await this.#registry
      .held()
      .then(describeHolders)
      .catch((error: unknown) => `  (not known: ${reasonOf(error)})`);
    return new MayflyError('MAYFLY_LEASE_TIMEOUT', {
      message: `No database was free within ${timeout} ms. They are held by:\n${holders}\n`,
      remedy:
        'Release leases earlier, raise postgres.maxConnections, or lower leases.connections; what is kept goes with its server.',
      service: 'postgres',
      phase: 'run',
    });
  }
}
