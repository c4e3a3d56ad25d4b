/**
 * 64 takers of leases in four processes, all at once. Prints how many were served, the milliseconds from when all were
 * ready, and how many connections the server had at the most. Throws where one was refused, or locked up.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { attachEnvironment, startEnvironment } from 'mayfly';
import pg from 'pg';
import { buys, migrateShop } from '../shop.ts';

const processes = 4;
const takers = 16;

await (process.argv[2] === 'taker' ? take() : lead());

/** One of the processes. */
async function take(): Promise<void> {
  await using environment = attachEnvironment();
  const told = once(process, 'message');
  process.send?.('ready');
  await told;
  const visits = Array.from({ length: takers }, async (_, number) => {
    await using lease = await environment.lease({ name: `taker ${number}` });
    await buys(lease.pool, number);
    const { max } = lease.postgres.poolOptions;
    await Promise.all(Array.from({ length: max }, () => lease.pool.query('SELECT pg_sleep(0.01)')));
  });
  const results = await Promise.allSettled(visits);
  const refused = results.find((result) => result.status === 'rejected');
  if (refused !== undefined) {
    throw refused.reason;
  }
  process.send?.(results.length);
  process.disconnect();
}

async function lead(): Promise<void> {
  await using environment = await startEnvironment(
    { redis: false, migrations: migrateShop, postgres: { maxConnections: 100 }, leases: { workers: processes } },
    { runtime: 'embedded' },
  );
  const client = new pg.Client({ connectionString: environment.details.postgres.url });
  await client.connect();
  const ask = async (query: string): Promise<number> => {
    const { rows } = await client.query<{ answer: number }>(`SELECT (${query})::int AS answer`);
    return rows[0]?.answer ?? Number.NaN;
  };
  const env = { ...process.env, ...environment.variables };
  const children = Array.from({ length: processes }, () => fork(import.meta.filename, ['taker'], { env }));
  try {
    await Promise.all(children.map((child) => heard(child)));
    const begun = performance.now();
    const counts = Promise.all(children.map((child) => heard(child)));
    children.forEach((child) => child.send('go'));
    const over = counts.then(
      () => true,
      () => true,
    );
    let connections = 0;
    while (!(await Promise.race([over, pause(5, false)]))) {
      const now = await ask(`SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'`);
      connections = Math.max(connections, now);
    }
    const served = (await counts).reduce((sum, count) => sum + count, 0);
    const duration = performance.now() - begun;
    if ((await ask('SELECT sum(deadlocks) FROM pg_stat_database')) > 0) {
      throw new Error('there were deadlocks');
    }
    console.log(JSON.stringify({ served, duration, connections }));
  } finally {
    children.forEach((child) => child.kill());
    await client.end();
  }
}

/** What a child says next. */
async function heard(child: ReturnType<typeof fork>): Promise<number> {
  const exit = once(child, 'exit').then(() => {
    throw new Error('a process of takers ended early');
  });
  const [message] = (await Promise.race([once(child, 'message'), exit])) as [number];
  return message;
}
