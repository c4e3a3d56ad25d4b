import { setImmediate } from 'node:timers/promises';
import type { RedisDetails } from '../../connection/details.ts';
import { isMayflyError } from '../../errors/mayfly-error.ts';
import type { Hold } from './hold.ts';
import type { RedisSpace, ReturnedSpace, SpaceHolder } from './redis-space.ts';
import { lost, type NoneFree } from './space-errors.ts';
import { SpaceServer, type Taken } from './space-server.ts';
import { channelPrefixOf, userOf } from './space-user.ts';

/** For whom spaces are kept, and where. */
export interface KeeperOptions {
  readonly details: RedisDetails;
  readonly session: string;
  readonly isOurs: boolean;
  readonly note: (message: string) => void;
}

/** Keeps what this process holds, over one connection after the other. */
export class SpaceKeeper {
  readonly #options: KeeperOptions;
  readonly #held = new Map<RedisSpace, Hold>();
  readonly #returns = new WeakMap<RedisSpace, Promise<ReturnedSpace>>();
  readonly #losses = new WeakMap<RedisSpace, Error>();
  #server: Promise<SpaceServer> | undefined;
  #isClosing = false;
  #hasNoted = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Takes a space, or tells who holds them all. What the dead held is taken from them first. */
  async tryTake(holder: SpaceHolder): Promise<RedisSpace | NoneFree> {
    const before = this.#server;
    try {
      return await this.#tryTake(holder);
    } catch (error) {
      // That a connection has ended while nobody used it, the first who uses it may be the one to notice.
      if (before === undefined || !isUnreachable(error)) {
        throw error;
      }
      this.#forget(before);
      return this.#tryTake(holder);
    }
  }

  /** Gives a space back, once: who asks again gets the same answer, unless the server could not be reached. */
  giveBack(space: RedisSpace): Promise<ReturnedSpace> {
    const known = this.#returns.get(space);
    if (known !== undefined) {
      return known;
    }
    const returning = this.#giveBack(space);
    this.#returns.set(space, returning);
    returning.catch((error: unknown) => isUnreachable(error) && this.#returns.delete(space));
    return returning;
  }

  async holds(): Promise<Hold[]> {
    const server = await this.#reach();
    return server.holds();
  }

  /** How many logical databases the server has. */
  async databases(): Promise<number> {
    const server = await this.#reach();
    return server.databases;
  }

  /** Ends every space of the session, in whatever process it is held. */
  async endSession(): Promise<void> {
    await this.#giveAllBack();
    const server = await this.#reach();
    const holds = await server.holds();
    await server.seize(holds.filter(({ session }) => session === this.#options.session));
  }

  /** Gives back what is held and ends the connection. Never rejects: what cannot be given back, others take. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#giveAllBack();
    const server = await this.#server?.catch(() => undefined);
    await server?.close().catch(() => {});
  }

  async #tryTake(holder: SpaceHolder): Promise<RedisSpace | NoneFree> {
    for (;;) {
      const server = await this.#reach();
      const taken = await server.take(holder);
      if ('hold' in taken) {
        const space = this.#describe(taken);
        this.#held.set(space, taken.hold);
        return space;
      }
      if ((await server.bury(taken.holds)) === 0) {
        return taken;
      }
    }
  }

  async #giveBack(space: RedisSpace): Promise<ReturnedSpace> {
    // A server that was lost meanwhile may take some of what is held with it.
    const server = this.#held.has(space) ? await this.#reach() : undefined;
    const hold = this.#held.get(space);
    if (server === undefined || hold === undefined) {
      throw this.#losses.get(space) ?? lost(space.database, 'it was not taken here');
    }
    // A client that was disconnected just now tells the server in the next round of the event loop, and is no leftover.
    await setImmediate();
    const { verdict, leftover } = await server.release(hold);
    this.#held.delete(space);
    if (verdict !== 'done') {
      throw lost(space.database, takenAway);
    }
    return { leftover };
  }

  async #giveAllBack(): Promise<void> {
    await Promise.allSettled([...this.#held.keys()].map((space) => this.giveBack(space)));
  }

  #reach(): Promise<SpaceServer> {
    if (this.#server === undefined) {
      this.#server = this.#open();
      void this.#watch(this.#server);
    }
    return this.#server;
  }

  async #open(): Promise<SpaceServer> {
    const { details, session, isOurs } = this.#options;
    const held = (): Hold[] => [...this.#held.values()];
    const server = await SpaceServer.open(details, { session, isOurs, held });
    try {
      await this.#keep(server);
      await server.sweep();
    } catch (error) {
      await server.close().catch(() => {});
      throw error;
    }
    this.#noteOnce(server);
    return server;
  }

  /** Takes what was held by an earlier connection over to this one. */
  async #keep(server: SpaceServer): Promise<void> {
    const held = [...this.#held];
    const kept = new Map((await server.adopt(held.map(([, hold]) => hold))).map((hold) => [hold.token, hold]));
    for (const [space, { token, run }] of held) {
      const hold = kept.get(token);
      if (hold === undefined) {
        this.#held.delete(space);
        this.#losses.set(
          space,
          lost(space.database, run === server.survey.run ? takenAway : 'the server was restarted'),
        );
      } else {
        this.#held.set(space, hold);
      }
    }
  }

  /** Connects again at once where something is held: others take it from whoever has no connection. */
  async #watch(opening: Promise<SpaceServer>): Promise<void> {
    const server = await opening.catch(() => undefined);
    await server?.ended;
    const wasInUse = this.#forget(opening);
    if (server !== undefined && wasInUse && this.#held.size > 0 && !this.#isClosing) {
      await this.#reach().catch(() => {});
    }
  }

  /** Has the next who asks connect anew; whether it was this connection that they would have got. */
  #forget(opening: Promise<SpaceServer>): boolean {
    const wasInUse = this.#server === opening;
    if (wasInUse) {
      this.#server = undefined;
    }
    return wasInUse;
  }

  #describe({ hold, password }: Taken): RedisSpace {
    const { details } = this.#options;
    const { database } = hold;
    const user = userOf(hold);
    const login = password === '' ? {} : { username: user, password };
    const url = Object.assign(new URL(details.url), { pathname: `/${database}`, ...login }).href;
    return {
      ...details,
      ...login,
      database,
      url,
      place: `database ${database}`,
      channelPrefix: password === '' ? '' : channelPrefixOf(user),
    };
  }

  #noteOnce({ survey }: SpaceServer): void {
    if (survey.fence === undefined && !this.#hasNoted) {
      this.#hasNoted = true;
      this.#options.note(
        `This Redis makes no users for spaces (${survey.reason}): nothing but its number keeps a space apart, and nothing keeps Pub/Sub apart.`,
      );
    }
  }
}

const takenAway = 'the connection to the server ended, and others took it before there was a new one';

function isUnreachable(error: unknown): boolean {
  return isMayflyError(error) && error.code === 'MAYFLY_REDIS_UNREACHABLE';
}
