import type { EnvironmentDefinition } from '../config/definition.ts';
import { readProcessEnv } from '../config/process-env.ts';
import { resolveSettings, type LeaseSettings } from '../config/settings.ts';
import { buildGraph } from '../coordinator/graph.ts';
import { Timeline } from '../coordinator/timeline.ts';
import type { LeaseHolder } from '../isolation/postgres/registry/registry.ts';
import type { Service } from '../service/service.ts';
import { recordedOwnership } from '../session/recorded-ownership.ts';
import type { Description } from '../session/session-files.ts';
import { LeaseOffice, type LeaseDescription } from './leases/lease-office.ts';
import { LeaseParts, type PatienceOptions } from './leases/lease-parts.ts';
import type { Lease, LeaseOptions } from './leases/lease.ts';
import { takeLease } from './leases/take-lease.ts';
import { createLogger } from './logger.ts';
import type { DetailsOf } from './services-of.ts';

/** An environment that another process owns. Whoever attached to it detaches at the end; the environment goes on. */
export class AttachedEnvironment<
  Definition extends EnvironmentDefinition = EnvironmentDefinition,
> implements AsyncDisposable {
  readonly #description: Description;
  readonly #office: LeaseOffice;

  /** @internal */
  constructor(description: Description, definition: Definition) {
    const { session, details, leases } = description;
    const env = readProcessEnv();
    const settings = resolveSettings(definition, env);
    const { concurrency, teardownTimeout } = settings;
    const log = createLogger(env.logLevel);
    const { settings: leaseSettings, plan } = (leases ?? { settings: settings.leases }) as LeaseDescription;
    this.#description = description;
    this.#office = new LeaseOffice({
      session,
      isOwner: false,
      plan,
      settings: leaseSettings,
      details: () => details,
      services: leaseServices(settings.services, details),
      // What is prepared was prepared by the owner, before anybody could attach: then there is a plan.
      content: async () => ({ digests: [], isShared: true, build: async () => {} }),
      shared: { log, note: (message) => log.info(message), ownership: recordedOwnership(env.stateDirectory, session) },
      timeline: new Timeline(),
      concurrency,
      teardownTimeout,
    });
  }

  /** Identifies the run. */
  get session(): string {
    return this.#description.session;
  }

  /** Where servers run and why, in one line. */
  get runtime(): string {
    return this.#description.runtime;
  }

  /** How to reach each service of the run: plain data, by its name. Holds passwords. */
  get details(): DetailsOf<Definition> {
    return this.#description.details as DetailsOf<Definition>;
  }

  /** Takes a lease, as `lease` of an environment does. */
  async lease(options: LeaseOptions = {}): Promise<Lease<Definition>> {
    return takeLease<Definition>(this.#office, options);
  }

  /**
   * A lease whose parts are taken when they are asked for.
   *
   * @internal
   */
  leaseParts(holder: LeaseHolder, patience?: PatienceOptions): LeaseParts {
    return new LeaseParts(this.#office, holder, patience);
  }

  /**
   * How leases are taken.
   *
   * @internal
   */
  get leaseSettings(): LeaseSettings {
    return this.#office.options.settings;
  }

  /**
   * Gives back what leases are still out and ends this process's connections, which would keep it from ending by itself.
   * The environment goes on.
   */
  async detach(): Promise<void> {
    await this.#office.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach();
  }
}

/** The definition's services of leases, each after those that it depends on; those of the run are known by their details. */
function leaseServices(services: readonly Service[], details: Readonly<Record<string, unknown>>): readonly Service[] {
  const known = Object.keys(details).filter((name) => !services.some((service) => service.name === name));
  const stand = known.map((name) => ({ name, dependsOn: {}, scope: 'run' }) as unknown as Service);
  return buildGraph([...stand, ...services]).order.filter(({ scope }) => scope === 'lease');
}
