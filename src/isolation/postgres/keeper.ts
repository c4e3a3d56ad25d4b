import type { LeasePlan } from './lease-plan.ts';
import type { Registry } from './registry/registry.ts';

/** What the keeper works with. */
export interface KeeperOptions {
  readonly plan: Pick<LeasePlan, 'template' | 'ready'>;
  readonly registry: Registry;
  /** Makes one more database ready; `false` where there is no room. */
  readonly make: () => Promise<boolean>;
  readonly drop: (database: string) => Promise<void>;
}

/** The channel on which processes tell the keeper that there is something to do. */
const channel = 'mayfly_keeper';

/**
 * Works in the background for all processes of a run: drops what was given up, and keeps databases ready ahead of
 * demand. One process of a run does this; when it has gone, the next that needs a database does.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  #isKeeper = false;
  #isStopped = false;
  #isWanted = false;
  #working: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { registry } = this.#options;
    if (this.#isKeeper || this.#isStopped || !(await registry.becomeKeeper())) {
      return;
    }
    this.#isKeeper = true;
    const client = await registry.connection.connect();
    client.on('notification', () => this.#work());
    // With the connection it loses its office; whoever comes next takes it.
    client.once('end', () => {
      this.#isKeeper = false;
    });
    await registry.connection.query(`LISTEN ${channel}`);
    this.#work();
  }

  /** Says that a database was given up. Nobody waits for what follows. */
  wake(): void {
    if (this.#isKeeper) {
      this.#work();
    } else if (!this.#isStopped) {
      void this.#options.registry.connection.query(`NOTIFY ${channel}`).catch(() => {});
    }
  }

  /** Ends the work, and returns when what is under way is done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
  }

  #work(): void {
    this.#isWanted = true;
    this.#working ??= this.#round().finally(() => {
      this.#working = undefined;
    });
  }

  async #round(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      // The server may be gone or refuse: whoever needs a database hears of it, and wakes us again.
      await this.#makeUp().catch(() => {});
      await this.#dropReturned().catch(() => {});
    }
  }

  async #makeUp(): Promise<void> {
    const { plan, registry, make } = this.#options;
    while (!this.#isStopped && (await registry.count(plan.template)) < plan.ready) {
      if (!(await make())) {
        return;
      }
    }
  }

  async #dropReturned(): Promise<void> {
    const { registry, drop } = this.#options;
    for (;;) {
      const database = this.#isStopped ? undefined : await registry.nextToDrop();
      if (database === undefined) {
        return;
      }
      try {
        await drop(database);
      } catch (error) {
        // Somebody may have more luck with it later.
        await registry.giveUp(database);
        throw error;
      }
    }
  }
}
