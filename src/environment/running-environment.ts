import type { EnvironmentDefinition } from '../config/definition.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { Health } from '../coordinator/health.ts';
import type { TeardownReport } from '../coordinator/teardown.ts';
import type { Span, Timeline } from '../coordinator/timeline.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import type { ConnectionReport } from '../isolation/postgres/connections/connection-monitor.ts';
import type { Selection } from '../runtime/select.ts';
import type { Session } from '../session/session.ts';
import { endingBySignal } from '../session/signals.ts';
import { connectionVariables } from './connection-variables.ts';
import type { Deaths } from './deaths.ts';
import type { Environment } from './environment.ts';
import type { LeaseOffice } from './leases/lease-office.ts';
import type { Lease, LeaseOptions } from './leases/lease.ts';
import type { Preparation } from './leases/prepare-run.ts';
import { stopLeasesFirst } from './leases/stop-leases.ts';
import { takeLease } from './leases/take-lease.ts';
import type { DetailsOf, ServicesOf } from './services-of.ts';

/** What an environment is put together from. */
export interface EnvironmentParts {
  readonly session: Session;
  readonly coordinator: Coordinator;
  readonly office: LeaseOffice;
  /** Fills the run's own database before the services that use it start. */
  readonly preparation: Preparation | undefined;
  readonly timeline: Timeline;
  readonly deaths: Deaths;
  /** Called when everything has been taken away. */
  readonly releaseSignals: () => void;
}

/** An environment from its first moment to its last. It can be stopped at any time, also while it starts. */
export class RunningEnvironment<Definition extends EnvironmentDefinition> implements Environment<Definition> {
  readonly #parts: EnvironmentParts;
  readonly #giveUp = new AbortController();
  #runtime = '';
  #stopping: Promise<TeardownReport> | undefined;

  constructor(parts: EnvironmentParts) {
    this.#parts = parts;
  }

  /**
   * Starts every service where `select` says. When that fails, or `signal` is aborted, everything is taken away again.
   *
   * @throws MayflyError the first failure.
   */
  async start(signal: AbortSignal, select: (signal: AbortSignal) => Promise<Selection>): Promise<void> {
    const onAbort = (): void => this.#giveUp.abort(aborted(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (signal.aborted) {
        onAbort();
      }
      this.#giveUp.signal.throwIfAborted();
      this.#runtime = (await select(this.#giveUp.signal)).reason;
      await this.#startServices(this.#giveUp.signal);
      await this.#describe();
      this.#parts.deaths.begin();
    } catch (error) {
      // The coordinator has said in the error what failed while it rolled back.
      const ending = endingBySignal();
      await this.stop().catch(() => {});
      await ending;
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #startServices(signal: AbortSignal): Promise<void> {
    const { coordinator, preparation, office } = this.#parts;
    if (preparation !== undefined) {
      await coordinator.start(signal, preparation.before);
      // What is under way for leases ends with their office.
      const close = (): void => void office.close().catch(() => {});
      signal.addEventListener('abort', close, { once: true });
      try {
        await preparation.run(office);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener('abort', close);
      }
      signal.throwIfAborted();
    }
    await coordinator.start(signal);
  }

  /** Lets others find the environment. What services give as their details is their own code, and may fail. */
  async #describe(): Promise<void> {
    try {
      const { runtime, details, variables } = this;
      const { session, office, deaths } = this.#parts;
      const leases = await office.describe();
      session.describe({ runtime, details, variables, leases, ...(deaths.areTold && { tellsOfDeaths: true }) });
    } catch (error) {
      throw new MayflyError('MAYFLY_SERVICE_START_FAILED', {
        message: `The details of the services cannot be handed to other processes: ${reasonOf(error)}.`,
        remedy: 'See that each `details` gives plain data that survives JSON, and that the disk is not full.',
        phase: 'start',
        cause: error,
      });
    }
  }

  get session(): string {
    return this.#parts.session.sessionId;
  }

  get directory(): string {
    return this.#parts.session.directory;
  }

  get runtime(): string {
    return this.#runtime;
  }

  get details(): DetailsOf<Definition> {
    const { services, values } = this.#parts.coordinator;
    // What has not started yet has none: they are asked for as soon as the servers run.
    const started = services.filter(({ name }) => values.has(name));
    const entries = started.map((service) => [service.name, service.details(values.get(service.name))]);
    return Object.fromEntries(entries) as DetailsOf<Definition>;
  }

  get services(): ServicesOf<Definition, 'run'> {
    return Object.fromEntries(this.#parts.coordinator.values) as ServicesOf<Definition, 'run'>;
  }

  get variables(): Readonly<Record<string, string>> {
    return connectionVariables(this.session, this.details);
  }

  get timeline(): readonly Span[] {
    return this.#parts.timeline.spans;
  }

  get deaths(): readonly MayflyError[] {
    return this.#parts.deaths.known;
  }

  get connections(): ConnectionReport | undefined {
    return this.#parts.office.connections;
  }

  async lease(options: LeaseOptions = {}): Promise<Lease<Definition>> {
    try {
      return await takeLease<Definition>(this.#parts.office, options);
    } catch (error) {
      await endingBySignal();
      throw error;
    }
  }

  async health(): Promise<Health> {
    return this.#parts.coordinator.health(new AbortController().signal);
  }

  async reset(): Promise<void> {
    await this.#parts.coordinator.reset(this.#giveUp.signal);
  }

  stop(): Promise<TeardownReport> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<TeardownReport> {
    this.#giveUp.abort(aborted('the environment was stopped'));
    try {
      return await stopLeasesFirst(this.#parts.office, () => this.#parts.coordinator.stop());
    } finally {
      this.#parts.releaseSignals();
      await this.#parts.session.close();
    }
  }
}

function aborted(cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_ABORTED', {
    message: 'The environment was given up before it was ready.',
    remedy: 'Start it again, and keep its signal from being aborted.',
    phase: 'start',
    cause,
  });
}
