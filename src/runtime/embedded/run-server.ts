import { noRoom, saysNoRoom } from '../../errors/no-room.ts';
import type { Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import type { ServerDirectory } from './server-directory.ts';
import type { RunningServer } from './start-server.ts';

/** A kind of server that keeps everything in one directory. */
export interface DirectoryServer<Details> {
  readonly service: string;
  readonly directory: ServerDirectory;
  readonly start: () => Promise<RunningServer>;
  readonly describe: (server: RunningServer) => Details;
  readonly ping: (details: Details) => Promise<void>;
}

/**
 * Starts a server whose directory goes with it, also when the start fails.
 *
 * @throws MayflyError `MAYFLY_DISK_UNUSABLE` where what the server needs could not be written for want of room; whatever
 * `start` throws.
 */
export async function runServer<Details>({
  service,
  directory,
  start,
  describe,
  ping,
}: DirectoryServer<Details>): Promise<Server<Details>> {
  try {
    const server = await start();
    const details = describe(server);
    return startedServer({
      details,
      ping: () => ping(details),
      ended: async () => ({ how: await server.process.ended, output: await server.process.lastLines() }),
      release: async () => {
        try {
          await server.stop();
        } finally {
          await directory.remove();
        }
      },
    });
  } catch (error) {
    await directory.remove();
    throw saysNoRoom(error) ? noRoom({ service, phase: 'start', cause: error }) : error;
  }
}
