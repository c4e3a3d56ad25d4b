import type { LeaseSettings } from '../../config/settings.ts';
import type { PostgresDetails, RedisDetails } from '../../connection/details.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { ConnectionMonitor, ConnectionReport } from '../../isolation/postgres/connections/connection-monitor.ts';
import type { LeasePlan } from '../../isolation/postgres/lease-plan.ts';
import type { OpenedLeases, TemplateContent } from '../../isolation/postgres/open-leases.ts';
import type { RedisSpaces } from '../../isolation/redis/redis-spaces.ts';
import { endLeases, type LeaseServer } from './end-leases.ts';
import type { LeaseServicesOptions } from './lease-services.ts';
import { withPostMortem } from './with-post-mortem.ts';

/** What leases are made from in one process. */
export interface LeaseOfficeOptions extends LeaseServicesOptions {
  readonly session: string;
  readonly settings: LeaseSettings;
  /** How the services of the run are reached, the servers among them, by name. */
  readonly details: () => Readonly<Record<string, unknown>>;
  /** What is to be in every database; not asked where there is a plan. */
  readonly content: () => Promise<TemplateContent>;
  /** That of the process that opened the leases, if it has. */
  readonly plan?: LeasePlan | undefined;
  /** Whether this process owns the environment: then it watches the connections, and at the end takes all away. */
  readonly isOwner: boolean;
}

/** How leases are taken in one run: plain data. */
export interface LeaseDescription {
  readonly settings: LeaseSettings;
  readonly plan?: LeasePlan | undefined;
}

/**
 * Where the leases of one process come from: opened when the first is asked for, and closed once, with all that is still
 * out.
 */
export class LeaseOffice implements AsyncDisposable {
  readonly options: LeaseOfficeOptions;
  readonly #closing = new AbortController();
  readonly #open = new Set<AsyncDisposable>();
  #postgres: Promise<OpenedLeases> | undefined;
  #redis: Promise<RedisSpaces> | undefined;
  #monitor: ConnectionMonitor | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: LeaseOfficeOptions) {
    this.options = options;
  }

  /** Aborted when the office closes. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * The databases, and the plan by which another process gets at them.
   *
   * @throws MayflyError what opening them throws, `MAYFLY_SERVICE_UNKNOWN` where the environment has no Postgres.
   */
  async postgres(): Promise<OpenedLeases> {
    this.#closing.signal.throwIfAborted();
    this.#postgres ??= withPostMortem(this, () => this.#openPostgres()).catch((error: unknown) => {
      // Whoever comes next may have more luck.
      this.#postgres = undefined;
      throw error;
    });
    return this.#postgres;
  }

  /** @throws MayflyError `MAYFLY_SERVICE_UNKNOWN` where the environment has no Redis. */
  async redis(): Promise<RedisSpaces> {
    this.#closing.signal.throwIfAborted();
    this.#redis ??= this.#openRedis();
    return this.#redis;
  }

  /** Whether there may be anything to close. */
  get isUsed(): boolean {
    return this.#postgres !== undefined || this.#redis !== undefined || this.#servesOthers;
  }

  /** Whether a server goes on without the run, so that its other processes may have left something there. */
  get #servesOthers(): boolean {
    try {
      const servers = Object.values(this.options.details()) as readonly ({ readonly runtime?: unknown } | undefined)[];
      return this.options.isOwner && servers.some((server) => server?.runtime === 'external');
    } catch {
      // The details of services are users' code. Where it fails, no other process ever heard of the run.
      return false;
    }
  }

  /** What is known of the server's connections; `undefined` until they are first counted, when leases are taken. */
  get connections(): ConnectionReport | undefined {
    const report = this.#monitor?.report;
    return report === undefined || report.limit === 0 ? undefined : report;
  }

  /** What another process needs in order to take leases: plain data. */
  async describe(): Promise<LeaseDescription> {
    const { settings } = this.options;
    this.#own();
    // Where nobody has asked for a database yet, whoever comes first opens them.
    const opened = await this.#postgres;
    return { settings, plan: opened?.plan };
  }

  /** Has a lease released when the office closes, if nobody did before. */
  register(lease: AsyncDisposable): void {
    this.#open.add(lease);
  }

  forget(lease: AsyncDisposable): void {
    this.#open.delete(lease);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #openPostgres(): Promise<OpenedLeases> {
    const { session, settings, plan, content, details, shared, timeline, isOwner } = this.options;
    // Loaded when first needed: most of what starts an environment takes no lease.
    const { joinLeases, openLeases } = await import('../../isolation/postgres/open-leases.ts');
    if (plan !== undefined) {
      return { plan, leases: await joinLeases(plan) };
    }
    const server = details()['postgres'] as PostgresDetails | undefined;
    if (server === undefined) {
      throw missing('postgres');
    }
    this.#own();
    const opened = await timeline.measure({ service: 'template', phase: 'prepare', attempt: 1 }, async () =>
      openLeases({
        session,
        server,
        settings,
        content: await content(),
        signal: this.#closing.signal,
        note: shared.note,
      }),
    );
    if (isOwner) {
      this.#monitor = opened.leases.watch(shared.note);
    }
    return opened;
  }

  async #openRedis(): Promise<RedisSpaces> {
    const { session, details, shared } = this.options;
    const server = details()['redis'] as RedisDetails | undefined;
    if (server === undefined) {
      throw missing('redis');
    }
    this.#own();
    const { RedisSpaces: Spaces } = await import('../../isolation/redis/redis-spaces.ts');
    return Spaces.open(server, { session, isOurs: server.runtime !== 'external', note: shared.note });
  }

  async #close(): Promise<void> {
    this.#closing.abort(closed());
    await Promise.allSettled([...this.#open].map((lease) => lease[Symbol.asyncDispose]()));
    await this.#monitor?.stop();
    await Promise.allSettled([
      this.#postgres?.then(({ leases }) => leases.close()),
      this.#redis?.then((spaces) => spaces.close()),
    ]);
    if (this.options.isOwner) {
      await this.#endSession();
    }
  }

  /** Writes down that the run may leave something on servers that go on without it, whichever of its processes does. */
  #own(): void {
    const { isOwner, shared } = this.options;
    for (const { service, details } of isOwner ? this.#serversOfOthers() : []) {
      shared.ownership.own(`leases:${service}`, { kind: 'leases', service, details });
    }
  }

  /** What any process of the run has left there is taken away. */
  async #endSession(): Promise<void> {
    const { session, shared } = this.options;
    const ends = await Promise.allSettled(
      this.#serversOfOthers().map(async (server) => {
        await endLeases(server, session);
        shared.ownership.disown(`leases:${server.service}`);
      }),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) {
      throw failed.reason;
    }
  }

  #serversOfOthers(): LeaseServer[] {
    const { postgres, redis } = this.options.details() as { postgres?: PostgresDetails; redis?: RedisDetails };
    return [
      ...(postgres?.runtime === 'external' ? [{ service: 'postgres', details: postgres } as const] : []),
      ...(redis?.runtime === 'external' ? [{ service: 'redis', details: redis } as const] : []),
    ];
  }
}

function missing(service: 'postgres' | 'redis'): MayflyError {
  return new MayflyError('MAYFLY_SERVICE_UNKNOWN', {
    message: `The environment has no ${service} to lease from.`,
    remedy: `Take \`${service}: false\` out of the definition, or ask for a lease without it.`,
    service,
    phase: 'run',
  });
}

function closed(): MayflyError {
  return new MayflyError('MAYFLY_ENVIRONMENT_STOPPED', {
    message: 'The environment has been stopped.',
    remedy: 'Take leases before its stop.',
    phase: 'run',
  });
}
