import { ExternalServers } from './external-servers.ts';
import type { Fault } from './fault.ts';
import { undisturbed } from './faults/undisturbed.ts';
import { Home } from './home.ts';
import type { Random } from './random.ts';
import type { ChaosRuntime } from './runtimes.ts';
import { Trial } from './trial.ts';

/** Where rounds take place: has what they share, which takes longer to make than to use. */
export class Arena implements AsyncDisposable {
  readonly #isShort: boolean;
  readonly #atOnce: number;
  readonly #idle: ExternalServers[] = [];
  readonly #servers = new Set<ExternalServers>();
  readonly #lives = new Map<string, Promise<number>>();

  /** `atOnce`: how many rounds take place at the same time. */
  constructor({ isShort, atOnce }: { readonly isShort: boolean; readonly atOnce: number }) {
    this.#isShort = isShort;
    this.#atOnce = atOnce;
  }

  /** Servers for one round, where its runtime needs them. */
  async lend(runtime: ChaosRuntime): Promise<ExternalServers | undefined> {
    return runtime === 'external' ? (this.#idle.pop() ?? (await this.#start())) : undefined;
  }

  /** Takes them back for the next round. */
  takeBack(servers: ExternalServers): void {
    this.#idle.push(servers);
  }

  /** Gives up servers on which something was left, so that it is held against one round only. */
  async discard(servers: ExternalServers): Promise<void> {
    this.#servers.delete(servers);
    await servers[Symbol.asyncDispose]();
  }

  /** How long it lives that a fault disturbs, in milliseconds; `undefined` where no random moment is needed. */
  async lifeFor({ lives, inject }: Fault, runtime: ChaosRuntime): Promise<number | undefined> {
    if (lives === undefined) {
      return undefined;
    }
    const key = `${lives} on ${runtime}`;
    let life = this.#lives.get(key);
    if (life === undefined) {
      life = this.#measure(inject, runtime);
      this.#lives.set(key, life);
    }
    return life;
  }

  /** A trial in a new place; `life` is left out where it is to be measured. */
  async trial(options: {
    readonly runtime: ChaosRuntime;
    readonly random: Random;
    readonly servers: ExternalServers | undefined;
    readonly life?: number | undefined;
  }): Promise<Trial> {
    const { servers, ...rest } = options;
    const home = await Home.make(options.runtime);
    return new Trial({ ...rest, home, variables: servers?.variables ?? {}, isShort: this.#isShort });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers].map((servers) => servers[Symbol.asyncDispose]()));
  }

  /**
   * The second time, as the first fills caches, and with as many beside it as there will be. Where time is short the first
   * must do.
   */
  async #measure(inject: Fault['inject'], runtime: ChaosRuntime): Promise<number> {
    if (this.#isShort) {
      return this.#live(inject, runtime);
    }
    await this.#live(inject, runtime);
    const lives = await Promise.all(Array.from({ length: this.#atOnce }, () => this.#live(inject, runtime)));
    return Math.min(...lives);
  }

  async #live(inject: Fault['inject'], runtime: ChaosRuntime): Promise<number> {
    const servers = await this.lend(runtime);
    await servers?.forgetTemplates();
    const trial = await this.trial({ runtime, random: () => 1, servers });
    await inject(trial);
    await trial.home.remove();
    if (servers !== undefined) {
      this.takeBack(servers);
    }
    return trial.lived;
  }

  async #start(): Promise<ExternalServers> {
    const servers = await ExternalServers.start();
    this.#servers.add(servers);
    const trial = await this.trial({ runtime: 'external', random: () => 1, servers });
    await undisturbed(trial);
    await trial.home.remove();
    await servers.settle();
    return servers;
  }
}
