import type { AdminConnection, Command } from './admin-connection.ts';
import type { Hold, NewHold } from './hold.ts';
import * as scripts from './registry-scripts.ts';
import { unavailable, type NoneFree } from './space-errors.ts';

/** Which databases there are to take. */
export interface Grounds {
  /** The run's hold on its own, which is never taken. */
  readonly own: Hold;
  /** Whether we started this server, so that data in all others may be flushed. */
  readonly isOurs: boolean;
}

/** Whether a hold was still as the asker believed; where it was not, nothing was done. */
export type Verdict = 'done' | 'not held' | 'registry gone';

const verdicts: Record<string, Verdict> = { '1': 'done', '0': 'not held', '-1': 'registry gone' };

/** Who holds which logical database, written down in the server itself: see `registry-scripts.ts`. */
export class Registry {
  /** How many logical databases the server has. */
  readonly databases: number;
  readonly #connection: AdminConnection;
  readonly #grounds: Grounds;
  readonly #place: number;

  private constructor(connection: AdminConnection, grounds: Grounds, found: { place: number; databases: number }) {
    this.databases = found.databases;
    this.#connection = connection;
    this.#grounds = grounds;
    this.#place = found.place;
  }

  /**
   * Finds the registry, or makes it and enters `holds`: in the last database, or, where that holds data of others, the last
   * that is empty. Whoever asks at the same time gets the same one.
   *
   * @throws MayflyError `MAYFLY_REDIS_SPACES_UNAVAILABLE` if there is no database for it.
   */
  static async claim(connection: AdminConnection, grounds: Grounds, holds: readonly Hold[]): Promise<Registry> {
    const entries = holds.flatMap((hold) => [hold.database, JSON.stringify(hold)]);
    const command = evaluate(scripts.claimScript, JSON.stringify(grounds.own), Number(grounds.isOurs), ...entries);
    const [databases, place, word] = (await connection.demand(command)) as [number, number, string];
    if (databases === 1) {
      throw unavailable(
        connection.place,
        `it has one database (${word})`,
        'Give it more with its setting `databases`, or use a server that has them.',
      );
    }
    if (place === -1) {
      throw unavailable(connection.place, `data are in all of its ${databases} databases`, emptyAdvice);
    }
    const holder = readHold(word);
    if (holder.token !== scripts.ownToken) {
      throw unavailable(
        connection.place,
        `its database ${holder.database}, which the URL names, is held as a space by ${holder.name} of session ${holder.session}`,
        'Name another in the URL: 0 is never a space.',
      );
    }
    return new Registry(connection, grounds, { place, databases });
  }

  /** Takes a free database for `hold`; nothing where the registry has gone. */
  async take(hold: NewHold): Promise<Hold | NoneFree | undefined> {
    const { own, isOurs } = this.#grounds;
    const command = evaluate(
      scripts.takeScript,
      this.#place,
      this.databases,
      JSON.stringify(own),
      Number(isOurs),
      JSON.stringify(hold),
    );
    const [database, ...rest] = (await this.#connection.demand(command)) as [number?, ...string[]];
    if (database === undefined) {
      return undefined;
    }
    if (database !== -1) {
      const [since] = rest;
      return { ...hold, database, since: Number(since) };
    }
    const [now, ...listed] = rest;
    const holds = readHolds(listed).filter(isOfSpace);
    if (holds.length === 0) {
      throw unavailable(
        this.#connection.place,
        `none of its ${this.databases} databases is free: one is the run's own, one keeps account, data are in the rest`,
        emptyAdvice,
      );
    }
    return { now: Number(now), holds };
  }

  /** Every hold, those of runs on their own databases among them; nothing where the registry has gone. */
  async holds(): Promise<Hold[] | undefined> {
    const listed = (await this.#connection.demand(evaluate(scripts.listScript, this.#place))) as string[] | null;
    return listed === null ? undefined : readHolds(listed);
  }

  /** Takes the registry itself away if nothing is held. */
  async retire(): Promise<void> {
    await this.#connection.demand(evaluate(scripts.retireScript, this.#place, this.#grounds.own.client));
  }

  /** A command that asks whether the hold is there. Its reply is for {@link verdict}. */
  confirming(hold: Hold): Command {
    return this.#compare(scripts.confirmScript, hold);
  }

  /** A command that empties the database and frees it. Its reply is for {@link verdict}. */
  releasing(hold: Hold): Command {
    return this.#compare(scripts.releaseScript, hold);
  }

  /** A command that makes another client the holder. Its reply is for {@link verdict}. */
  handingOn(hold: Hold, to: Pick<Hold, 'client' | 'run'>): Command {
    return this.#compare(scripts.handOnScript, hold, to.client, to.run);
  }

  verdict(reply: unknown): Verdict {
    return verdicts[String(this.#connection.granted(reply))] ?? 'not held';
  }

  #compare(script: string, hold: Hold, ...more: (string | number)[]): Command {
    return evaluate(script, this.#place, hold.database, hold.token, hold.client, ...more);
  }
}

const emptyAdvice = 'Empty one that is not needed, or give the server more with its setting `databases`.';

/** The whole script each time: the server knows it by its hash, and no cache can be emptied under us. */
function evaluate(script: string, ...values: (string | number)[]): Command {
  return ['eval', script, 1, scripts.registryKey, ...values];
}

/** The hold of a run on its own database, so that no other takes it as a space. */
export function holdOnOwn(hold: Pick<Hold, 'database' | 'session' | 'client' | 'run'>): Hold {
  return { ...hold, token: scripts.ownToken, name: 'the run itself', since: Date.now() };
}

/** Whether it is a space that is held, and not a run's own database. */
export function isOfSpace({ token }: Hold): boolean {
  return token !== scripts.ownToken;
}

function readHold(json: string): Hold {
  return JSON.parse(json) as Hold;
}

function readHolds(listed: readonly string[]): Hold[] {
  return listed.map(readHold).sort((one, other) => one.database - other.database);
}
