import type { Redis } from 'ioredis';

/** How long a connection, and then each command, may take, in milliseconds. */
const timeout = 5_000;

/** A connection that was made. Whoever asked for it disconnects it. */
export interface RedisConnection {
  readonly redis: Redis;
  /** The reason that arrived last: as an event, for connect() and commands only say that the connection is closed. */
  readonly failure: () => Error | undefined;
}

/** Connects once: when the connection ends it is not made again, and nothing keeps the process alive. */
export async function connectRedis(url: string, name: string, signal?: AbortSignal): Promise<RedisConnection> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    connectionName: name,
    connectTimeout: timeout,
    commandTimeout: timeout,
    lazyConnect: true,
    // By default the client would go on trying for ever, and keep the process alive.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // A question more, which not every user may ask; the client prints a warning then.
    enableReadyCheck: false,
    // After a refused connection nothing clears this timer, which keeps the process alive (2 s where it is left out).
    disconnectTimeout: 1,
  });
  let failure: Error | undefined;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  const close = (): void => redis.disconnect();
  signal?.addEventListener('abort', close, { once: true });
  try {
    await redis.connect();
    return { redis, failure: () => failure };
  } catch (error) {
    close();
    throw withoutCommand(failure ?? error);
  } finally {
    signal?.removeEventListener('abort', close);
  }
}

/** Opens a connection of its own for `work` and closes it afterwards, whatever happens, or when `signal` is aborted. */
export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const { redis, failure } = await connectRedis(url, 'mayfly', signal);
  const close = (): void => redis.disconnect();
  signal?.addEventListener('abort', close, { once: true });
  try {
    return await work(redis);
  } catch (error) {
    throw withoutCommand(failure() ?? error);
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
}

/** The client puts the command that failed on its error, which for a login holds the password. */
export function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && 'command' in error) {
    delete error.command;
  }
  return error;
}

/** Returns when the server has answered a command. */
export async function pingRedis(url: string, signal?: AbortSignal): Promise<void> {
  await withRedis(url, (redis) => redis.ping(), signal);
}
