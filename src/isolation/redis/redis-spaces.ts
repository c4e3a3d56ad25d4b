import type { RedisDetails } from '../../connection/details.ts';
import { withDeadline } from '../../service/deadline.ts';
import { pollUntilFound } from '../../service/poll.ts';
import { Turns } from '../turns.ts';
import { describeHold } from './hold.ts';
import type { HeldSpace, RedisSpace, ReturnedSpace, SpaceHolder } from './redis-space.ts';
import { closed, exhausted, unreachable, type NoneFree } from './space-errors.ts';
import { SpaceKeeper } from './space-keeper.ts';

/** How spaces are taken on a server. */
export interface RedisSpacesOptions {
  /** Identifies the run, in the names of users: letters and digits only. */
  readonly session: string;
  /** Whether we started this server: then the data of every logical database but the run's own may be flushed. */
  readonly isOurs: boolean;
  /** Hears once if the server makes no users: then nothing but its number keeps a space apart. */
  readonly note?: ((message: string) => void) | undefined;
}

/** How long a taker waits. */
export interface Patience {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * The logical databases of one Redis or Valkey as spaces to take and give back, for this process. Any number of processes
 * on any number of machines may do so on one server at the same time: who holds what is written down in the server itself
 * (`registry-scripts.ts`). Database 0 is never taken, nor the run's own, nor on a server of others one with data in it.
 *
 * A process holds its spaces as long as its connection to the server lasts. When that ends it is made anew, and what others
 * have not taken meanwhile is still held. They end a space's user and its connections before they take it, so no two write
 * to one; what was lost that way, or with a server that restarts, `giveBack` says. Where the server makes no users, a client
 * that connects again on its own is not kept out.
 *
 * Errors beside those of the methods: `MAYFLY_REDIS_UNREACHABLE` if the server cannot be reached or does not answer within
 * 5 s, `MAYFLY_REDIS_SPACES_UNAVAILABLE` if it has too few databases, is a cluster, or refuses what is needed.
 */
export class RedisSpaces implements AsyncDisposable {
  readonly #keeper: SpaceKeeper;
  readonly #place: string;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();
  /** Takes under way, those included whose taker has given up. */
  readonly #underWay = new Set<Promise<unknown>>();
  #noneFree: (NoneFree & { readonly databases: number }) | undefined;
  #closed: Promise<void> | undefined;

  private constructor(details: RedisDetails, { session, isOurs, note = () => {} }: RedisSpacesOptions) {
    this.#place = `${details.host}:${details.port}`;
    this.#keeper = new SpaceKeeper({ details, session, isOurs, note });
  }

  /** Connects to nothing yet: the first that is asked of it does. */
  static open(details: RedisDetails, options: RedisSpacesOptions): RedisSpaces {
    return new RedisSpaces(details, options);
  }

  /**
   * Takes a space, which is empty, or waits for one; takers of one process are served in their order. A taker that gives
   * up keeps nothing.
   *
   * @throws MayflyError `MAYFLY_REDIS_SPACES_EXHAUSTED`, naming the holders, if none is free in time;
   * `MAYFLY_ENVIRONMENT_STOPPED` after `close`. Ends with the signal's reason when that is aborted.
   */
  take(holder: SpaceHolder, { timeout, signal }: Patience): Promise<RedisSpace> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return withDeadline({ ms: timeout, signal: either, expired: () => this.#expired(timeout) }, async (bounded) => {
      const taking = this.#waitFor(holder, bounded);
      this.#underWay.add(taking);
      try {
        return await taking;
      } finally {
        this.#underWay.delete(taking);
      }
    });
  }

  /**
   * Ends the space's user and connections, empties it and frees it. The second time it does nothing.
   *
   * @throws MayflyError `MAYFLY_REDIS_SPACE_LOST` if it was not held any more: then nothing is emptied.
   */
  giveBack(space: RedisSpace): Promise<ReturnedSpace> {
    return this.#keeper.giveBack(space);
  }

  /** Who holds a space of this server now, in whatever process. */
  async holders(): Promise<readonly HeldSpace[]> {
    const holds = await this.#keeper.holds();
    return holds.map(describeHold);
  }

  /** Ends every space of this session, whichever process holds it: for the owner of the run, at its end. */
  endSession(): Promise<void> {
    return this.#keeper.endSession();
  }

  /** Gives back what this process still holds and ends the connection. Never rejects, even where the server has gone. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #waitFor(holder: SpaceHolder, signal: AbortSignal): Promise<RedisSpace> {
    // Those who wait come first.
    const atOnce = this.#turns.areFree ? await this.#tryTake(holder) : undefined;
    const space = atOnce ?? (await this.#turns.take(signal, () => pollUntilFound(() => this.#tryTake(holder), signal)));
    if (signal.aborted) {
      await this.#keeper.giveBack(space);
      signal.throwIfAborted();
    }
    return space;
  }

  async #tryTake(holder: SpaceHolder): Promise<RedisSpace | undefined> {
    const answer = await this.#keeper.tryTake(holder);
    if ('url' in answer) {
      return answer;
    }
    this.#noneFree = { ...answer, databases: await this.#keeper.databases() };
    return undefined;
  }

  /** Why a taker waited in vain. */
  #expired(timeout: number): Error {
    return this.#noneFree === undefined
      ? unreachable(this.#place, new Error(`no answer within ${timeout} ms`))
      : exhausted(timeout, this.#noneFree.databases, this.#noneFree);
  }

  async #close(): Promise<void> {
    this.#closing.abort(closed());
    await Promise.allSettled(this.#underWay);
    await this.#keeper.close();
  }
}
