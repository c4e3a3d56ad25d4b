import type { Redis } from 'ioredis';
import { connectRedis, withoutCommand } from '../../connection/redis-connection.ts';
import { refused, unreachable } from './space-errors.ts';

/** A command's name and its arguments. */
export type Command = readonly [string, ...(string | number)[]];

/** One connection to a Redis, with the rights of whoever runs the tests. Once it has ended it is not made again. */
export class AdminConnection {
  /** Where the server is, for errors. */
  readonly place: string;
  /** Resolves when the connection has ended, by whomever; never rejects. */
  readonly ended: Promise<void>;
  readonly #redis: Redis;

  private constructor(redis: Redis, place: string) {
    this.place = place;
    this.ended = new Promise((resolve) => {
      redis.once('end', resolve);
    });
    this.#redis = redis;
  }

  /** @throws MayflyError `MAYFLY_REDIS_UNREACHABLE`. */
  static async open(url: string, place: string): Promise<AdminConnection> {
    try {
      const { redis } = await connectRedis(url, 'mayfly-spaces');
      return new AdminConnection(redis, place);
    } catch (error) {
      throw unreachable(place, error);
    }
  }

  /**
   * Sends the commands in one go and gives their replies in order; in the place of one that the server refused stands its
   * error.
   *
   * @throws MayflyError `MAYFLY_REDIS_UNREACHABLE`: nobody knows what was carried out, and the connection is ended.
   */
  async ask(...commands: readonly Command[]): Promise<unknown[]> {
    if (commands.length === 0) {
      return [];
    }
    const results = (await this.#redis.pipeline(commands.map((command) => [...command])).exec()) ?? [];
    return results.map(([error, reply]) => {
      if (error !== null && !isRefusal(error)) {
        this.#redis.disconnect();
        throw unreachable(this.place, withoutCommand(error));
      }
      return error === null ? reply : withoutCommand(error);
    });
  }

  /**
   * The reply to one command that is needed.
   *
   * @throws MayflyError `MAYFLY_REDIS_UNREACHABLE`, as above; `MAYFLY_REDIS_SPACES_UNAVAILABLE` if it is refused.
   */
  async demand(command: Command): Promise<unknown> {
    const [reply] = await this.ask(command);
    return this.granted(reply);
  }

  /** A reply that is needed, or `MAYFLY_REDIS_SPACES_UNAVAILABLE` if it is a refusal. */
  granted(reply: unknown): unknown {
    if (reply instanceof Error) {
      throw refused(this.place, reply);
    }
    return reply;
  }

  /** Ends the connection, and returns when it has ended. */
  async close(): Promise<void> {
    this.#redis.disconnect();
    await this.ended;
  }
}

/** Whether the server itself said no; everything else is the connection. */
function isRefusal(error: Error): boolean {
  return error.name === 'ReplyError';
}
