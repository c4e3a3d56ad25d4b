import type { Row } from '../row.ts';
import { mayflyTimes, testcontainersTimes } from './environment.ts';

/** From the call to its return; nobody is connected any more. */
export const dockerTeardown: Row = {
  id: 'docker-teardown',
  work: 'Docker: teardown',
  prepare: async (bench) => {
    const { docker } = bench;
    if (!docker.usable) {
      return docker.reason;
    }
    return {
      mayfly: async () => (await mayflyTimes(bench, 'docker')).stop,
      peers: [
        {
          name: "`stop()` of testcontainers-node's two containers, as documented",
          target: 0.5,
          measure: async () => (await testcontainersTimes(bench, docker.images, 'in turn')).stop,
        },
        {
          name: 'the same, both at once',
          measure: async () => (await testcontainersTimes(bench, docker.images, 'at once')).stop,
        },
      ],
    };
  },
};
