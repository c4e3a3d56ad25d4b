/**
 * 2,000 leases in one process, two at a time, each written to. Prints by how many bytes the heap grew, and what is left on
 * servers that go on running: databases, roles' connections, keys.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Redis } from 'ioredis';
import { startEnvironment, type Environment } from 'mayfly';
import pg from 'pg';
import type { Left } from '../rows/many.ts';
import { buys, migrateShop } from '../shop.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

await using servers = await startEnvironment({}, { runtime: 'embedded' });
const { postgres, redis } = servers.details;
const before = await look();
const heap = await (async () => {
  await using environment = await startEnvironment({
    postgres: { url: postgres.url },
    redis: { url: redis.url },
    migrations: migrateShop,
    leases: { workers: 1, concurrency: 2 },
  });
  await lease(environment, 200);
  const start = heapUsed();
  await lease(environment, 2_000);
  return heapUsed() - start;
})();
const after = await look();
const left: Left = {
  heap,
  databases: after.databases - before.databases,
  connections: after.connections - before.connections,
  keys: after.keys - before.keys,
};
console.log(JSON.stringify(left));

/** As many leases, two at a time. */
async function lease(environment: Environment, count: number): Promise<void> {
  const visit = async (number: number): Promise<void> => {
    await using taken = await environment.lease();
    await buys(taken.pool, number);
    const client = new Redis(taken.redis.url);
    await client.set('seat', number);
    await client.quit();
  };
  for (let number = 0; number < count; number += 2) {
    await Promise.all([visit(number), visit(number + 1)]);
  }
}

function heapUsed(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** What there is on the servers, Mayfly's own registry and the template, which others may use, left out. */
async function look(): Promise<Omit<Left, 'heap'>> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<Omit<Left, 'heap' | 'keys'>>(`
    SELECT (SELECT count(*)::int FROM pg_database WHERE datname <> 'mayfly' AND NOT datistemplate) AS databases,
      (SELECT count(*)::int FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS connections`);
  await client.end();
  const store = new Redis(redis.url);
  const keyspace = await store.info('keyspace');
  await store.quit();
  const keys = [...keyspace.matchAll(/keys=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return { databases: rows[0]?.databases ?? 0, connections: rows[0]?.connections ?? 0, keys };
}
