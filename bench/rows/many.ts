import { join } from 'node:path';
import type { Check } from '../row.ts';

/** What 2,000 leases left behind. */
export interface Left {
  /** In bytes. */
  readonly heap: number;
  readonly databases: number;
  readonly connections: number;
  readonly keys: number;
}

/** Each with a Postgres and a Redis, and something written to both. */
export const many: Check = {
  id: 'many',
  claim: '2,000 leases in one process',
  see: async (bench) => {
    const program = join(import.meta.dirname, '..', 'programs', 'many.ts');
    const { heap, databases, connections, keys } = await bench.program<Left>(program, []);
    const left = `${databases} databases, ${connections} connections and ${keys} keys left`;
    const seen = `the heap grew by ${(heap / 2 ** 20).toFixed(1)} MB; ${left}`;
    if (heap > 20 * 2 ** 20 || databases + connections + keys > 0) {
      throw new Error(`${seen}; it was to be less than 20 MB, and nothing left`);
    }
    return seen;
  },
};
