import { Redis } from 'ioredis';
import { withoutCommand } from '../connection/redis-connection.ts';

/** How long a connection to Redis may take to be made, in milliseconds. */
const connectTimeout = 5_000;

/** A client for one lease, connected: it ends with its server instead of looking for it for ever. Throws why it could not connect. */
export async function connectRedis(url: string, connectionName: string): Promise<Redis> {
  const redis = new Redis(url, {
    connectionName,
    connectTimeout,
    lazyConnect: true,
    // By default the client would go on trying when the server is gone, and keep the worker alive.
    retryStrategy: () => null,
    disconnectTimeout: 1,
  });
  // The reason of a failed connection arrives as an event; without a listener the client would print it.
  let failure: Error | undefined;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw withoutCommand(failure ?? error);
  }
}
