import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { runSql, soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { TakenDatabase } from '../postgres-leases.ts';
import { Registry } from '../registry/registry.ts';
import { findTemplate } from '../registry/template-registry.ts';
import { connectInside } from './connect-inside.ts';
import { recycle, type Recycled } from './recycle.ts';

const server = useLeaseServer(useOwnState(), { settings: { autovacuum: 'off' } });

describe('a database that is recycled again and again', () => {
  test('gives rows in the order in which a fresh copy would', async () => {
    const { leases } = await server.use({
      sql: `CREATE TABLE a (v text, n int DEFAULT 0, pad text DEFAULT repeat('x', 250));
        INSERT INTO a (v) VALUES ('seed'), ('dead'), ('last'); DELETE FROM a WHERE v = 'dead'`,
      // A page that the template leaves nearly full of what is no longer there.
      build: async ({ url }) => {
        for (let round = 0; round < 11; round += 1) {
          await runSql(url, 'UPDATE a SET n = n + 1');
        }
      },
    });
    const write = async ({ pool }: TakenDatabase): Promise<unknown[]> => {
      await pool.query(`INSERT INTO a (v) VALUES ('first')`);
      for (let round = 0; round < 3; round += 1) {
        await pool.query(`UPDATE a SET n = n + 1 WHERE v = 'first'`);
      }
      await pool.query('SELECT * FROM a');
      await pool.query(`INSERT INTO a (v) VALUES ('second')`);
      return (await pool.query<{ v: string }>('SELECT v FROM a')).rows.map(({ v }) => v);
    };
    const answers = new Set<string>();
    for (let round = 0; round < 30; round += 1) {
      const taken = await leases.take({ name: 'test' }, soon());
      answers.add((await write(taken)).join());
      expect(await leases.giveBack(taken)).toEqual({ outcome: 'undone', leftover: [] });
    }

    expect([...answers]).toEqual(['seed,last,first,second']);
  });

  test('does not grow', async () => {
    const { leases } = await server.use({ sql: `CREATE TABLE a (v text); INSERT INTO a VALUES ('seed')` });
    const sizes = new Set<unknown>();
    for (let round = 0; round < 5; round += 1) {
      const taken = await leases.take({ name: 'test' }, soon());
      const { rows } = await taken.pool.query(`SELECT pg_relation_size('a') AS size`);
      sizes.add((rows[0] as { size: string }).size);
      await taken.pool.query(`INSERT INTO a SELECT repeat('x', 500) FROM generate_series(1, 20)`);
      await leases.giveBack(taken);
    }

    expect([...sizes]).toEqual(['8192']);
  });

  test('is planned for as a fresh copy is', async () => {
    const { leases } = await server.use({ sql: 'CREATE TABLE a (n int PRIMARY KEY, v text); CREATE TABLE b (n int)' });
    const plan = async ({ pool }: TakenDatabase): Promise<unknown[]> =>
      (await pool.query('EXPLAIN SELECT * FROM a JOIN b USING (n)')).rows;
    const first = await leases.take({ name: 'test' }, soon());
    const fresh = await plan(first);
    await first.pool.query('INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)');
    await leases.giveBack(first);

    const second = await leases.take({ name: 'test' }, soon());
    expect(second.details.database).toBe(first.details.database);
    expect(await plan(second)).toEqual(fresh);
  });
});

describe('what was written to a database', () => {
  test('is not known after a crash, and the database is given up', async () => {
    await using looked = await look('INSERT INTO a VALUES (2)');
    const crashing = new pg.Client(server.details.url);
    crashing.on('error', () => {});
    await crashing.connect();
    const { rows } = await crashing.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    await vi.waitFor(() => expect(crashing.query('SELECT 1')).rejects.toThrow(/terminated|not queryable/));
    await vi.waitFor(() => runSql(server.details.url, 'SELECT 1'), { timeout: 20_000, interval: 5 });

    expect(await looked.recycle()).toMatchObject({ outcome: 'settings changed', proof: undefined });
  });

  test('is not known after somebody reset the counts, and the database is given up', async () => {
    await using looked = await look('INSERT INTO a VALUES (2)');
    const { url } = server.details;
    await runSql(url.replace(/\/[^/]*$/, `/${looked.database}`), 'SELECT pg_stat_reset()');

    expect(await looked.recycle()).toMatchObject({ outcome: 'settings changed', proof: undefined });
  });

  test('is undone otherwise', async () => {
    await using looked = await look('INSERT INTO a VALUES (2)');

    expect(await looked.recycle()).toMatchObject({ outcome: 'undone', proof: expect.anything() });
  });
});

/** A database of which one was a holder, as recycling looks at it. */
async function look(does: string): Promise<AsyncDisposable & { database: string; recycle: () => Promise<Recycled> }> {
  const { leases, plan } = await server.use({ sql: 'CREATE TABLE a (n int); INSERT INTO a VALUES (1)' });
  const { details } = await leases.take({ name: 'test' }, soon());
  const { database } = details;
  await runSql(details.plainUrl, does);
  const registry = await Registry.open(server.details, plan.session);
  onTestFinished(() => registry.close());
  const registered = (await registry.held()).find((held) => held.database === database)!;
  const baseline = (await findTemplate(registry, plan.template))!;
  const inside = connectInside(server.details, database, baseline);
  return {
    database,
    recycle: () => recycle(inside, registered, { baseline, kept: undefined, signal: AbortSignal.timeout(10_000) }),
    [Symbol.asyncDispose]: () => inside.close(),
  };
}
