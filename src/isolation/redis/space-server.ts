import { randomBytes } from 'node:crypto';
import type { RedisDetails } from '../../connection/details.ts';
import { AdminConnection, type Command } from './admin-connection.ts';
import { deadAmong } from './dead-holds.ts';
import { endHold, type Ending } from './end-hold.ts';
import type { Hold } from './hold.ts';
import type { SpaceHolder } from './redis-space.ts';
import { holdOnOwn, isOfSpace, Registry, type Grounds } from './registry.ts';
import { surveyServer, type Survey } from './server-survey.ts';
import type { NoneFree } from './space-errors.ts';
import { makeToken, userOf, userRules } from './space-user.ts';
import { survivingHolds, usersOfSpaces } from './surviving-holds.ts';

/** A database that was just taken, and the password of its user: empty where the server makes no users. */
export interface Taken {
  readonly hold: Hold;
  readonly password: string;
}

/** For whom a server is opened. */
export interface Tenant {
  readonly session: string;
  /** Whether we started the server. */
  readonly isOurs: boolean;
  /** What this process holds now, perhaps by an earlier connection. */
  readonly held: () => readonly Hold[];
}

/**
 * A server and its registry, over one admin connection: as long as that lasts, all know that what it took is held. Every
 * method throws `MAYFLY_REDIS_UNREACHABLE`, or `MAYFLY_REDIS_SPACES_UNAVAILABLE` where the server refuses a command.
 */
export class SpaceServer {
  readonly survey: Survey;
  /** Resolves when the connection has ended, by whomever; never rejects. */
  readonly ended: Promise<void>;
  readonly #connection: AdminConnection;
  readonly #grounds: Grounds;
  readonly #tenant: Tenant;
  #registry: Registry;
  #serial = 0;

  private constructor(
    connection: AdminConnection,
    survey: Survey,
    grounds: Grounds,
    tenant: Tenant,
    registry: Registry,
  ) {
    this.survey = survey;
    this.ended = connection.ended;
    this.#connection = connection;
    this.#registry = registry;
    this.#grounds = grounds;
    this.#tenant = tenant;
  }

  static async open(details: RedisDetails, tenant: Tenant): Promise<SpaceServer> {
    const connection = await AdminConnection.open(details.url, `${details.host}:${details.port}`);
    try {
      const survey = await surveyServer(connection);
      const own = holdOnOwn({
        client: survey.client,
        run: survey.run,
        database: details.database,
        session: tenant.session,
      });
      const grounds = { own, isOurs: tenant.isOurs };
      const surviving = await survivingHolds(connection, survey, tenant.held());
      const registry = await Registry.claim(connection, grounds, surviving);
      return new SpaceServer(connection, survey, grounds, tenant, registry);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** How many logical databases the server has. */
  get databases(): number {
    return this.#registry.databases;
  }

  /** Every space that is held. */
  async holds(): Promise<Hold[]> {
    const holds = await this.#allHolds();
    return holds.filter(isOfSpace);
  }

  /** Takes a free database and makes its user: two replies are waited for, one where there are no users. */
  async take(holder: SpaceHolder): Promise<Taken | NoneFree> {
    const { client, run } = this.survey;
    const { session } = this.#tenant;
    for (;;) {
      this.#serial += 1;
      const token = makeToken(run, client, this.#serial);
      const hold = await this.#registry.take({ ...holder, session, token, client, run });
      if (hold === undefined) {
        await this.#restoreRegistry();
      } else if ('now' in hold) {
        return hold;
      } else {
        const password = await this.#makeUser(hold);
        if (password !== undefined) {
          return { hold, password };
        }
      }
    }
  }

  /** Ends a hold of this connection. */
  async release(hold: Hold): Promise<Ending> {
    const ending = await this.#end(hold);
    if (ending.verdict !== 'registry gone') {
      return ending;
    }
    await this.#restoreRegistry();
    const { verdict } = await this.#end(hold);
    return { ...ending, verdict };
  }

  /** Makes this connection the holder of what an earlier one held, and gives those that were still there. */
  adopt(holds: readonly Hold[]): Promise<Hold[]> {
    return this.#handOn(holds.filter(({ run }) => run === this.survey.run));
  }

  /** Ends those of the holds whose holder is dead, and says how many. */
  async bury(holds: readonly Hold[]): Promise<number> {
    return this.seize(await deadAmong(this.#connection, this.survey, holds));
  }

  /** Ends holds of whomever, if they are still as given, and says how many. */
  async seize(holds: readonly Hold[]): Promise<number> {
    const seized = await this.#handOn(holds);
    await Promise.all(seized.map((hold) => this.#end(hold)));
    return seized.length;
  }

  /** Takes away what dead holders have left, users without a hold among it. */
  async sweep(): Promise<void> {
    // In this order: a user is made after its hold and deleted before it.
    const users = this.survey.fence === undefined ? [] : await usersOfSpaces(this.#connection);
    const holds = await this.#allHolds();
    const tokens = new Set(holds.map(({ token }) => token));
    const strays = users.filter(({ token }) => !tokens.has(token)).map(userOf);
    await this.#connection.ask(...strays.map((user): Command => ['acl', 'deluser', user]));
    await this.bury(holds);
  }

  /** Ends the connection, and takes the registry along if nobody holds anything. */
  async close(): Promise<void> {
    try {
      await this.#registry.retire();
    } finally {
      await this.#connection.close();
    }
  }

  /** The password of the hold's new user, empty where the server makes none; nothing if the hold was taken away meanwhile. */
  async #makeUser(hold: Hold): Promise<string | undefined> {
    const { fence } = this.survey;
    if (fence === undefined) {
      return '';
    }
    const password = randomBytes(24).toString('hex');
    const user = userOf(hold);
    // Asked afterwards: what became of the registry before the user was there, the user does not tell.
    const [made, confirmed] = await this.#connection.ask(
      ['acl', 'setuser', user, ...userRules(fence, user, hold.database, password)],
      this.#registry.confirming(hold),
    );
    if (made instanceof Error) {
      await this.#end(hold);
      this.#connection.granted(made);
    }
    if (this.#registry.verdict(confirmed) === 'done') {
      return password;
    }
    await this.#connection.ask(['acl', 'deluser', user]);
    return undefined;
  }

  /** Makes this connection the holder, where the hold is still as given. */
  async #handOn(holds: readonly Hold[]): Promise<Hold[]> {
    const { client, run } = this.survey;
    const commands = holds.map((hold) => this.#registry.handingOn(hold, { client, run }));
    const replies = await this.#connection.ask(...commands);
    return holds
      .filter((_, index) => this.#registry.verdict(replies[index]) === 'done')
      .map((hold) => ({ ...hold, client, run }));
  }

  #end(hold: Hold): Promise<Ending> {
    return endHold(this.#connection, this.#registry, this.survey, hold);
  }

  async #allHolds(): Promise<Hold[]> {
    for (;;) {
      const holds = await this.#registry.holds();
      if (holds !== undefined) {
        return holds;
      }
      await this.#restoreRegistry();
    }
  }

  /** After somebody's FLUSHALL. */
  async #restoreRegistry(): Promise<void> {
    const surviving = await survivingHolds(this.#connection, this.survey, this.#tenant.held());
    this.#registry = await Registry.claim(this.#connection, this.#grounds, surviving);
  }
}
