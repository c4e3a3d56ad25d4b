import type { Registry } from '../registry/registry.ts';
import { listConnections, type ConnectionHolder } from './list-connections.ts';
import { listRefusals, type ConnectionRefusal } from './refusals.ts';

/** How many connections there were at one moment. */
export interface ConnectionSample {
  /** ISO 8601. */
  readonly at: string;
  readonly total: number;
  /** Most first. */
  readonly holders: readonly ConnectionHolder[];
}

/** What is known of a server's connections since leases are taken from it. */
export interface ConnectionReport {
  /** The server's `max_connections`. */
  readonly limit: number;
  /** The sample with the most connections. */
  readonly peak: ConnectionSample;
  /** The last ones, of those that differ from the one before. */
  readonly samples: readonly ConnectionSample[];
  readonly refusals: readonly ConnectionRefusal[];
}

/** How often is looked, in milliseconds. */
const interval = 500;

/** How many samples, and refusals, are kept. */
const most = 500;

/** Above which share of the limit there is a warning. */
const warnAbove = 0.8;

/** Watches how many connections a server has, and who holds them. */
export class ConnectionMonitor {
  readonly #registry: Registry;
  readonly #warn: (message: string) => void;
  readonly #samples: ConnectionSample[] = [];
  readonly #refusals: ConnectionRefusal[] = [];
  readonly #timer: NodeJS.Timeout;
  #peak: ConnectionSample = { at: new Date().toISOString(), total: 0, holders: [] };
  #limit = 0;
  #lastRefusal = '0';
  #hasWarned = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(registry: Registry, warn: (message: string) => void) {
    this.#registry = registry;
    this.#warn = warn;
    this.#timer = setInterval(() => void this.look(), interval);
    // To watch is no reason for a process to go on.
    this.#timer.unref();
    void this.look();
  }

  get report(): ConnectionReport {
    return { limit: this.#limit, peak: this.#peak, samples: [...this.#samples], refusals: [...this.#refusals] };
  }

  /** Looks now. Never throws: a server that does not answer is somebody else's news. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look()).catch(() => {});
    return this.#looking;
  }

  /** Looks once more, and then no longer. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.look();
  }

  async #look(): Promise<void> {
    const [{ limit, total, holders }, refusals] = await Promise.all([
      listConnections(this.#registry),
      listRefusals(this.#registry, this.#lastRefusal),
    ]);
    this.#limit = limit;
    this.#lastRefusal = refusals.at(-1)?.number ?? this.#lastRefusal;
    this.#refusals.push(...refusals.map(({ at, refused, holders: held }) => ({ at, refused, holders: held })));
    this.#refusals.splice(0, this.#refusals.length - most);
    this.#add({ at: new Date().toISOString(), total, holders });
  }

  #add(sample: ConnectionSample): void {
    const before = this.#samples.at(-1);
    if (JSON.stringify(before?.holders) !== JSON.stringify(sample.holders)) {
      this.#samples.push(sample);
      this.#samples.splice(0, this.#samples.length - most);
    }
    if (sample.total > this.#peak.total) {
      this.#peak = sample;
    }
    if (!this.#hasWarned && sample.total > warnAbove * this.#limit) {
      this.#hasWarned = true;
      this.#warn(this.#describe(sample));
    }
  }

  #describe({ total, holders }: ConnectionSample): string {
    const top = holders.slice(0, 5).map(({ count, application, user, database }) => {
      return `${count} by "${application}" (${user}, database ${database})`;
    });
    return `Postgres has ${total} of at most ${this.#limit} connections: ${top.join('; ')}`;
  }
}
