import { randomBytes } from 'node:crypto';
import type { RedisSettings } from '../../config/settings.ts';
import { connectionUrl } from '../../connection/connection-url.ts';
import type { RedisDetails } from '../../connection/details.ts';
import { pingRedis } from '../../connection/redis-connection.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { Server } from '../runtime.ts';
import { chooseDataHome } from './data-home.ts';
import type { EmbeddedOptions } from './options.ts';
import { findRedisBinary } from './redis-binary/find-redis-binary.ts';
import { runServer } from './run-server.ts';
import { ServerDirectory } from './server-directory.ts';
import { serverUser } from './server-user.ts';
import { startServer, type ServerPlan } from './start-server.ts';

const loopback = '127.0.0.1';

/** Starts Redis, or Valkey, as a process that keeps everything in memory. */
export async function startRedis(
  options: RedisSettings,
  context: ServiceContext,
  { cacheDirectory, dataDirectory, redisBinary, searchPath }: EmbeddedOptions,
): Promise<Server<RedisDetails>> {
  const { ownership, signal, note } = context;
  const user = serverUser();
  const find = { configured: redisBinary, searchPath, cacheDirectory, signal, onProgress: note };
  const [home, binary] = await Promise.all([
    chooseDataHome(dataDirectory, user),
    findRedisBinary(find),
    // The client is loaded while other processes are asked for their version.
    import('ioredis'),
  ]);
  const directory = await ServerDirectory.make(home, 'redis', { ownership, user });
  const password = randomBytes(24).toString('hex');

  const plan: ServerPlan = {
    service: 'redis',
    directory,
    port: options.port,
    // Nothing is kept, and on SIGTERM it would wait for the next of its ten ticks a second.
    endSignal: 'SIGKILL',
    command: async (port) => {
      // The password goes into a private file: process arguments can be read by everybody.
      const file = `redis-${port}.conf`;
      await directory.write(file, configuration({ port, password, databases: options.databases }));
      const environment: Record<string, string> =
        binary.libraryPath === undefined ? {} : { LD_LIBRARY_PATH: binary.libraryPath };
      return { executable: binary.executable, parameters: [file], environment, user };
    },
    ping: (port, bounded) => pingRedis(describe(port, password).url, bounded),
  };
  return runServer({
    service: plan.service,
    directory,
    start: () => startServer(plan, context),
    describe: ({ port, place }): RedisDetails => ({ ...describe(port, password), runtime: 'embedded', place }),
    ping: ({ url }) => pingRedis(url),
  });
}

function configuration({ port, password, databases }: { port: number; password: string; databases: number }): string {
  const lines = [
    `bind ${loopback}`,
    `port ${port}`,
    `requirepass ${password}`,
    `databases ${databases}`,
    'save ""',
    'appendonly no',
  ];
  return `${lines.join('\n')}\n`;
}

/** How the server is reached: by the user that has the password, on a server without others. */
function describe(port: number, password: string): Omit<RedisDetails, 'runtime' | 'place'> {
  const connection = { host: loopback, port, password, database: 0 };
  return { ...connection, username: 'default', url: connectionUrl('redis', { ...connection, user: 'default' }) };
}
