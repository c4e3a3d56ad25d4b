import type pg from 'pg';
import { ConnectionMonitor } from './connections/connection-monitor.ts';
import { describeConnections } from './connections/list-connections.ts';
import { recordRefusal } from './connections/refusals.ts';
import { DatabaseTaker, type WaitOptions } from './database-taker.ts';
import { connectionLimit } from './database/create-database.ts';
import { DatabaseMaker } from './database/database-maker.ts';
import { fillRunDatabase } from './database/run-database.ts';
import { Keeper } from './keeper.ts';
import { describeDatabase, type LeaseDatabase } from './lease-database.ts';
import type { LeasePlan } from './lease-plan.ts';
import { KeptClients } from './pool/kept-clients.ts';
import type { LeaseClient } from './pool/lease-client.ts';
import type { LeasePool, PoolOwner } from './pool/lease-pool.ts';
import { released } from './pool/lease-released.ts';
import { RecyclingPool } from './pool/recycling-pool.ts';
import { TransactionPool } from './pool/transaction-pool.ts';
import { connectInside } from './recycle/connect-inside.ts';
import { restoreDatabase, type RestoredDatabase } from './recycle/restore-database.ts';
import { renameHolder } from './registry/holders.ts';
import type { LeaseHolder, RegisteredDatabase, Registry } from './registry/registry.ts';
import { InsideConnections } from './server/inside-connections.ts';
import type { Baseline } from './template/baseline.ts';

/** What became of a database that was given back. */
export interface ReturnedDatabase {
  readonly outcome: RestoredDatabase['outcome'] | 'rolled back' | 'made afresh' | 'kept';
  /** The sessions that had been left open, and were ended: who they said they are. */
  readonly leftover: readonly string[];
}

/** A database in the hands of this process. */
export interface TakenDatabase {
  readonly details: LeaseDatabase;
  readonly pool: pg.Pool;
}

/** What is behind it. */
interface Holding extends TakenDatabase {
  readonly registered: RegisteredDatabase;
  readonly own: LeasePool | TransactionPool;
}

/** Takes databases for this process, and gives them back. */
export class PostgresLeases implements AsyncDisposable {
  readonly #plan: LeasePlan;
  readonly #baseline: Baseline;
  readonly #registry: Registry;
  readonly #maker: DatabaseMaker;
  readonly #inside: InsideConnections;
  readonly #keeper: Keeper;
  readonly #taker: DatabaseTaker;
  readonly #kept = new KeptClients();
  readonly #held = new Map<TakenDatabase, Holding>();
  /** Those whose transaction was rolled back, and that wait for the next one. */
  readonly #parked: Holding[] = [];

  constructor(plan: LeasePlan, baseline: Baseline, registry: Registry) {
    this.#plan = plan;
    this.#baseline = baseline;
    this.#registry = registry;
    this.#maker = new DatabaseMaker(plan, registry);
    this.#inside = new InsideConnections((database) => connectInside(plan.server, database, baseline));
    this.#keeper = new Keeper({
      plan,
      registry,
      make: async () => {
        const made = await this.#maker.make();
        return made !== undefined && registry.offer(made.database, made, this.#limit);
      },
      drop: (database) => this.#maker.drop(database),
    });
    this.#taker = new DatabaseTaker(plan.template, { registry, maker: this.#maker, keeper: this.#keeper });
  }

  /** Keeps databases ready from now on, unless another process does. */
  async keep(): Promise<void> {
    await this.#keeper.start();
  }

  /**
   * Takes a database that equals a fresh copy of the template: one that is ready, else a new one, else the next that
   * comes back. In one process whoever came first is served first.
   *
   * @throws MayflyError `MAYFLY_LEASE_TIMEOUT`, or `MAYFLY_POSTGRES_UNREACHABLE`.
   */
  async take(holder: LeaseHolder, options: WaitOptions): Promise<TakenDatabase> {
    const parked = this.#parked.pop();
    if (parked !== undefined) {
      // For people: nothing depends on it.
      renameHolder(this.#registry, parked.registered.database, holder).catch(() => {});
    }
    const holding = parked ?? this.#hold(await this.#taker.take(holder, options), holder);
    try {
      const pool = holding.own instanceof TransactionPool ? await holding.own.begin() : holding.pool;
      const taken = { details: holding.details, pool };
      this.#held.set(taken, holding);
      return taken;
    } catch (error) {
      await this.#return(holding);
      throw error;
    }
  }

  /**
   * Gives a database back: clean for the next one, or to be dropped.
   *
   * @throws MayflyError `MAYFLY_POSTGRES_UNREACHABLE`.
   */
  async giveBack(taken: TakenDatabase): Promise<ReturnedDatabase> {
    const holding = this.#release(taken);
    if (holding.own instanceof TransactionPool && (await holding.own.rollBack())) {
      this.#parked.push(holding);
      return { outcome: 'rolled back', leftover: [] };
    }
    return this.#return(holding);
  }

  /** Leaves a database to people to look at, for as long as its server runs. */
  async leave(taken: TakenDatabase): Promise<ReturnedDatabase> {
    const { own, registered } = this.#release(taken);
    await own.release();
    await this.#registry.keep(registered.database);
    return { outcome: 'kept', leftover: [] };
  }

  /** Watches the server's connections from now on, until it is stopped. */
  watch(warn: (message: string) => void): ConnectionMonitor {
    return new ConnectionMonitor(this.#registry, warn);
  }

  /** Makes the run's own database a copy of the template. Nobody may be connected to it yet. */
  async fillRunDatabase(): Promise<void> {
    const { server, template, strategy } = this.#plan;
    await fillRunDatabase(this.#registry.connection, server.database, template, strategy);
  }

  /** What is still held or under way in this process is given back or up. */
  async close(): Promise<void> {
    await this.#keeper.stop();
    const all = [...this.#parked.splice(0), ...this.#held.values()];
    await Promise.allSettled(
      all.map(async ({ own, registered }) => {
        await own.release();
        await this.#registry.giveUp(registered.database);
      }),
    );
    await Promise.allSettled([this.#kept.discardAll(), this.#inside.closeAll(), this.#maker.close()]);
    await this.#registry.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** How many connections a database accepts, ours included. */
  get #limit(): number {
    return connectionLimit(this.#plan.budget.perDatabase);
  }

  #hold(registered: RegisteredDatabase, holder: LeaseHolder): Holding {
    const details = describeDatabase(this.#plan, registered, holder);
    const { database } = registered;
    const owner: PoolOwner = {
      holders: () => describeConnections(this.#registry, database),
      onRefused: (holders) => void recordRefusal(this.#registry, holder.name, holders).catch(() => {}),
    };
    if (this.#plan.mode === 'transaction') {
      const own = new TransactionPool(details, owner, this.#baseline);
      return { registered, details, own, pool: own.pool };
    }
    const own = new RecyclingPool(details.poolOptions, owner, this.#kept.take(database));
    return { registered, details, own, pool: own };
  }

  #release(taken: TakenDatabase): Holding {
    const holding = this.#held.get(taken);
    if (holding === undefined) {
      throw released();
    }
    this.#held.delete(taken);
    return holding;
  }

  async #return({ own, registered }: Holding): Promise<ReturnedDatabase> {
    const { database } = registered;
    const { mode, canRecycle } = this.#plan;
    if (mode === 'clone' || !canRecycle) {
      await own.release();
      await this.#giveUp(database);
      return { outcome: 'made afresh', leftover: [] };
    }
    const kept = await this.#endConnections(own);
    const { outcome, leftover, next } = await this.#inside.use(database, (inside) =>
      restoreDatabase(inside, registered, this.#baseline, kept?.backend),
    );
    if (next !== undefined && (await this.#registry.offer(database, next, this.#limit))) {
      await this.#kept.put(database, kept);
      return { outcome, leftover };
    }
    await kept?.discard();
    await this.#giveUp(database);
    return { outcome: next === undefined ? outcome : 'lost', leftover };
  }

  /** Ends the connections of a pool, but for one that may be kept for the next lease of its database. */
  async #endConnections(own: LeasePool | TransactionPool): Promise<LeaseClient | undefined> {
    const { perDatabase, perLease } = this.#plan.budget;
    if (own instanceof RecyclingPool && perDatabase > perLease && !this.#baseline.isLasting) {
      return own.releaseButOne();
    }
    await own.release();
    return undefined;
  }

  async #giveUp(database: string): Promise<void> {
    await this.#inside.close(database);
    await this.#registry.giveUp(database);
    this.#keeper.wake();
  }
}
