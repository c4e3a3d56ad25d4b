/**
 * A suite of 400 tests, as worker processes go through it. The parameters are the runtime, the way in which a test gets
 * its database, and the number of workers. Prints the milliseconds from when all are ready to the end of the last.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startEnvironment, type RuntimeName } from 'mayfly';
import { migrateShop } from '../shop.ts';

const [, , runtime, way = '', count] = process.argv;
const workers = Number(count);

await using environment = await startEnvironment(
  { redis: false, migrations: migrateShop, leases: { workers } },
  { runtime: runtime as RuntimeName },
);
const env = { ...process.env, ...environment.variables };
const children = Array.from({ length: workers }, (_, index) =>
  fork(join(import.meta.dirname, 'suite-worker.ts'), [way, String(index), String(workers)], { env }),
);
try {
  const ended = children.map(async (child) => {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) {
      throw new Error('a worker failed');
    }
  });
  const all = Promise.all(ended);
  const next = (): Promise<unknown> =>
    Promise.race([all, Promise.all(children.map((child) => once(child, 'message')))]);
  await next();

  const begun = performance.now();
  const done = next();
  children.forEach((child) => child.send('go'));
  await done;
  console.log(performance.now() - begun);
  await all;
} finally {
  children.forEach((child) => child.kill());
}
