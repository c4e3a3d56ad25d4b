import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../src/connection/free-port.ts';
import type { Row } from '../row.ts';
import type { Workbench } from '../workbench.ts';

/**
 * Mayfly: from the spawn of the command to its exit, with two servers started and removed. The peer: from the spawn of
 * `docker run` to the first answer, with one server and without its removal.
 */
export const runTrue: Row = {
  id: 'run-true',
  work: '`mayfly run -- true`, embedded, from cache, whole process',
  prepare: async (bench) => {
    const { docker } = bench;
    if (!docker.usable) {
      return docker.reason;
    }
    const directory = await bench.makeDirectory();
    return {
      mayfly: async () => (await bench.mayfly(directory, 'run', '--runtime', 'embedded', '--', 'true')).duration,
      peers: [
        {
          name: '`docker run` of a Postgres that needs no initdb, to its first query',
          target: 1.5,
          measure: async () => dockerRun(bench, docker.images.mayfly.postgres),
        },
      ],
    };
  },
};

async function dockerRun(bench: Workbench, image: string): Promise<number> {
  const port = await freePort();
  const options = [
    '--label',
    bench.label,
    '--env',
    'POSTGRES_PASSWORD=password',
    '--publish',
    `127.0.0.1:${port}:5432`,
  ];
  const begun = performance.now();
  const { stdout } = await bench.run('docker', 'run', '--detach', '--rm', ...options, image);
  // Not before: a connection to the port of a container that is being made holds up all that follow for 0.8 s.
  await firstAnswer(`postgres://postgres:password@127.0.0.1:${port}/postgres`);
  const duration = performance.now() - begun;
  await bench.run('docker', 'rm', '--force', '--volumes', stdout.trim());
  return duration;
}

/** Asks every few milliseconds until there is an answer; not for ever. */
async function firstAnswer(connectionString: string): Promise<void> {
  for (let attempt = 1; attempt <= 3_000; attempt += 1) {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch {
      await pause(3);
    } finally {
      await client.end();
    }
  }
  throw new Error('the server in the container does not answer');
}
