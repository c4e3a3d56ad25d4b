import { join } from 'node:path';
import type { Check } from '../row.ts';

interface Served {
  readonly served: number;
  readonly duration: number;
  readonly connections: number;
}

/** Takers that use all connections of their lease at once, in four processes; what is left of the server's is Mayfly's. */
export const takers: Check = {
  id: 'takers',
  claim: '64 concurrent takers on a Postgres with `max_connections = 100`',
  see: async (bench) => {
    const program = join(import.meta.dirname, '..', 'programs', 'takers.ts');
    const { served, duration, connections } = await bench.program<Served>(program, []);
    if (served !== 64) {
      throw new Error(`${served} of 64 takers were served`);
    }
    return `all served in ${(duration / 1000).toFixed(1)} s, none refused, no deadlock, ${connections} connections at the most`;
  },
};
