import { Redis } from 'ioredis';

/** How long a connection to Redis may take to be made, in milliseconds. */
const connectTimeout = 5_000;

/** A client for one lease, connected: it ends with its server instead of looking for it for ever. */
export async function connectRedis(url: string, connectionName: string): Promise<Redis> {
  const redis = new Redis(url, {
    connectionName,
    connectTimeout,
    lazyConnect: true,
    // By default the client would go on trying when the server is gone, and keep the worker alive.
    retryStrategy: () => null,
    disconnectTimeout: 1,
  });
  // Without a listener the client prints what its commands report as well.
  redis.on('error', () => {});
  await redis.connect();
  return redis;
}
