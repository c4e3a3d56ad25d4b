import { join } from 'node:path';
import type { Peer, Row } from '../row.ts';
import { migrateShop } from '../shop.ts';
import type { Workbench } from '../workbench.ts';

const program = join(import.meta.dirname, '..', 'programs', 'attach.ts');

type Up = (runtime: 'docker' | 'embedded') => Promise<number>;

/** Whole processes, from spawn to exit. The cold start has a warm cache, too. */
export const upAgain: Row = {
  id: 'up-again',
  work: '`mayfly up` where it is up already, whole process',
  prepare: async (bench) => {
    const { up } = await project(bench);
    await up('embedded');
    return {
      mayfly: async () => up('embedded'),
      peers: [await coldStart(bench, 'embedded'), ...(bench.docker.usable ? [await coldStart(bench, 'docker')] : [])],
    };
  },
};

/** In fresh processes that have imported the library: from its first call to the first lease. */
export const attach: Row = {
  id: 'attach',
  work: '`attachEnvironment()` to the first lease, in a process',
  prepare: async (bench) => {
    const { session } = await bench.environment({ migrations: migrateShop }, 'embedded');
    const start = (runtime: string): Peer => ({
      name: `\`startEnvironment()\` to the first lease, ${runtime}`,
      target: 0.05,
      measure: () => bench.program<number>(program, [runtime]),
    });
    return {
      mayfly: () => bench.program<number>(program, ['attach'], { MAYFLY_SESSION: session }),
      peers: [start('embedded'), ...(bench.docker.usable ? [start('docker')] : [])],
    };
  },
};

async function coldStart(bench: Workbench, runtime: 'docker' | 'embedded'): Promise<Peer> {
  const { up, down } = await project(bench);
  return {
    name: `its cold start, ${runtime}`,
    measure: async () => {
      const duration = await up(runtime);
      await down();
      return duration;
    },
  };
}

/** A directory with an environment of its own, which is taken down at the end if it is still up then. */
async function project(bench: Workbench): Promise<{ readonly up: Up; readonly down: () => Promise<unknown> }> {
  const directory = await bench.makeDirectory();
  const down = async (): Promise<unknown> => bench.mayfly(directory, 'down');
  bench.defer(down);
  return { up: async (runtime) => (await bench.mayfly(directory, 'up', '--runtime', runtime)).duration, down };
}
