import { test, expect } from 'vitest';
import pg from 'pg';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer, soon } from '../../../../fixtures/isolation/lease-server.ts';

const server = useLeaseServer(useOwnState());
const sql = `CREATE TABLE a (id serial primary key, v text, w int, x timestamptz default now()); CREATE INDEX ON a(v); CREATE INDEX ON a(w);
 CREATE TABLE b (LIKE a INCLUDING ALL); CREATE TABLE c (LIKE a INCLUDING ALL); INSERT INTO a(v) VALUES ('x'),('y')`;
test('extensions', async () => {
  const { rows } = { rows: await server.ask("select string_agg(name, ',') from pg_available_extensions") };
  console.log(rows, await server.ask('select version()'));
});
test('basic', async () => {
  const { leases } = await server.use({ sql });
  for (const q of ['SELECT 1', "INSERT INTO a(v) VALUES ('z')", 'DROP TABLE a', 'CREATE TABLE zz()']) {
    const t = await leases.take({ name: 't' }, soon());
    await t.pool.query(q);
    const t0 = performance.now();
    console.log(q, await leases.giveBack(t), performance.now() - t0);
  }
});
test('truncate against delete', async () => {
  const { leases } = await server.use({ sql });
  const t = await leases.take({ name: 't' }, soon());
  const c = new pg.Client({ ...server.details, database: t.details.database });
  await c.connect();
  const time = async (name: string, q: string) => {
    const all: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      await c.query("INSERT INTO a(v) VALUES ('z'); INSERT INTO b(v) VALUES ('z'); INSERT INTO c(v) VALUES ('z');");
      const t0 = performance.now();
      await c.query(q);
      all.push(performance.now() - t0);
    }
    all.sort((x, y) => x - y);
    console.log(name, 'p50', all[100], 'p95', all[190]);
  };
  const fill = `INSERT INTO a(v) VALUES ('x'),('y');`;
  for (let i = 0; i < 2; i += 1) {
    await time('truncate', `BEGIN; SET LOCAL session_replication_role = replica; TRUNCATE ONLY a, ONLY b, ONLY c; ${fill} COMMIT`);
    await time('delete', `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM ONLY a; DELETE FROM ONLY b; DELETE FROM ONLY c; ${fill} COMMIT`);
    await time('both', `BEGIN; SET LOCAL session_replication_role = replica; TRUNCATE ONLY a; DELETE FROM ONLY b; DELETE FROM ONLY c; ${fill} COMMIT`);
  }
  await c.end();
  await leases.giveBack(t);
});
