import type { Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import type { ServerDirectory } from './server-directory.ts';
import type { RunningServer } from './start-server.ts';

/** A kind of server that keeps everything in one directory. */
export interface DirectoryServer<Details> {
  readonly directory: ServerDirectory;
  readonly start: () => Promise<RunningServer>;
  readonly describe: (server: RunningServer) => Details;
  readonly ping: (details: Details) => Promise<void>;
}

/** Starts a server whose directory goes with it, also when the start fails. */
export async function runServer<Details>({
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
    throw error;
  }
}
