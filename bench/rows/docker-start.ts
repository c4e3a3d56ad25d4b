import type { Row } from '../row.ts';
import { mayflyTimes, testcontainersTimes } from './environment.ts';

/** In a fresh process that has imported the library: from its first call to the last migration. */
export const dockerStart: Row = {
  id: 'docker-start',
  work: 'Docker: Postgres and Redis ready, 50 migrations applied',
  prepare: async (bench) => {
    const { docker } = bench;
    if (!docker.usable) {
      return docker.reason;
    }
    return {
      mayfly: async () => (await mayflyTimes(bench, 'docker')).start,
      peers: [
        {
          name: 'testcontainers-node as documented',
          target: 0.5,
          measure: async () => (await testcontainersTimes(bench, docker.images, 'in turn')).start,
        },
      ],
    };
  },
};
