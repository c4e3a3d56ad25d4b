import { join } from 'node:path';
import type { Row } from '../row.ts';

const program = join(import.meta.dirname, '..', 'programs', 'suite.ts');

/**
 * From the moment when all workers are ready to the end of the last. Each test writes through a pool: that of its lease,
 * one on its copy, or, on the shared database, one that stays open.
 */
export function suite(runtime: 'docker' | 'embedded'): Row {
  return {
    id: runtime === 'docker' ? 'docker-suite' : 'suite',
    work: `${runtime === 'docker' ? 'Docker' : 'embedded'}: 400 tests that write to 3 of 20 tables, 2 workers, a lease each`,
    prepare: async (bench) => {
      if (runtime === 'docker' && !bench.docker.usable) {
        return bench.docker.reason;
      }
      const run = (way: string, workers: number) => () =>
        bench.program<number>(program, [runtime, way, String(workers)]);
      return {
        mayfly: run('lease', 2),
        peers: [
          {
            name: '1 worker, `TRUNCATE` of all 20 in one shared database',
            target: 0.5,
            measure: run('truncate', 1),
          },
          {
            name: '2 workers, `CREATE DATABASE … TEMPLATE` and `DROP DATABASE` for each test',
            target: 0.3,
            measure: run('copy', 2),
          },
        ],
      };
    },
  };
}
