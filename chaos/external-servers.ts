import { HeldEnvironment } from '../fixtures/harness/held-environment.ts';
import { dropTemplates, foundOnServers } from '../fixtures/harness/server-leftovers.ts';
import { Home } from './home.ts';

/** Servers that go on without the runs that use them, as those of somebody else would. */
export class ExternalServers implements AsyncDisposable {
  readonly #host: HeldEnvironment;
  readonly #home: Home;
  readonly #details: Parameters<typeof foundOnServers>[0];
  #byDesign: readonly string[] = [];

  private constructor(host: HeldEnvironment, home: Home, details: Parameters<typeof foundOnServers>[0]) {
    this.#host = host;
    this.#home = home;
    this.#details = details;
  }

  static async start(): Promise<ExternalServers> {
    const home = await Home.make('external');
    const { data, state } = home.project;
    const env = { MAYFLY_DATA_DIR: data, MAYFLY_STATE_DIR: state, MAYFLY_RUNTIME: 'embedded' };
    const host = new HeldEnvironment({ redis: { databases: 16 } }, { env });
    const { details, error } = await host.report;
    if (details === undefined) {
      throw new Error(`The servers for external runs did not start: ${error?.message}`);
    }
    return new ExternalServers(host, home, details);
  }

  /** By which a run finds them. */
  get variables(): Readonly<Record<string, string>> {
    const { postgres, redis } = this.#details;
    return { MAYFLY_RUNTIME: 'external', MAYFLY_DATABASE_URL: postgres.url, MAYFLY_REDIS_URL: redis.url };
  }

  /** Takes what is on them now, after a run that nobody disturbed, for what stays there by design. */
  async settle(): Promise<void> {
    this.#byDesign = await foundOnServers(this.#details);
  }

  /** What is on them that an undisturbed run does not leave there. */
  async leftovers(): Promise<string[]> {
    return (await foundOnServers(this.#details)).filter((line) => !this.#byDesign.includes(line));
  }

  /** Has the next run build what it needs. */
  async forgetTemplates(): Promise<void> {
    await dropTemplates(this.#details.postgres);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop();
    await this.#home.remove();
  }
}
