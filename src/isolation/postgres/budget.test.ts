import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { LeaseProcess } from '../../../fixtures/isolation/lease-process.ts';
import { useLeaseServer } from '../../../fixtures/isolation/lease-server.ts';
import { soon } from '../../../fixtures/isolation/lease-source.ts';
import { divideConnections } from './budget.ts';
import type { PostgresLeases, TakenDatabase } from './postgres-leases.ts';

const server = useLeaseServer(useOwnState(), { maxConnections: 100 });
const sql = 'CREATE TABLE a (n int)';

/** As many connections as there are: one database at a time. */
const everything = { sql, workers: 1, connections: 1_000 };

describe('the budget', () => {
  test('is divided by all leases that can be out at the same time', () => {
    const facts = { connections: 97, heldByOthers: 1 };

    const four = { workers: 4, concurrency: 2, connections: 10 };
    const one = { workers: 1, concurrency: 1, connections: 10 };

    expect(divideConnections(facts, four, { keepsOne: false })).toEqual({ perLease: 9, perDatabase: 9, all: 76 });
    expect(divideConnections(facts, one, { keepsOne: false })).toEqual({ perLease: 10, perDatabase: 10, all: 88 });
  });

  test('has one connection more for a database on which one is kept, where there are two at least', () => {
    const facts = { connections: 97, heldByOthers: 1 };
    const many = { workers: 1, concurrency: 64, connections: 10 };
    const four = { workers: 4, concurrency: 2, connections: 10 };

    expect(divideConnections(facts, four, { keepsOne: true })).toEqual({ perLease: 8, perDatabase: 9, all: 76 });
    expect(divideConnections(facts, many, { keepsOne: true })).toEqual({ perLease: 1, perDatabase: 1, all: 88 });
  });

  test('that leaves some workers without a connection is refused', async () => {
    await expect(server.open({ sql, workers: 30 })).rejects.toMatchObject({
      code: 'MAYFLY_BUDGET_TOO_SMALL',
      message: expect.stringMatching(
        /^30 workers with 1 leases each need 30 connections or more, and the server has 0 left/,
      ),
    });
  });
});

test('64 takers at the same time on a server of 100 connections are all served', async () => {
  const { leases } = await server.use({ sql, workers: 2, connections: 5, concurrency: 4 });

  const served = await Promise.all(
    Array.from({ length: 64 }, async (_, n) => {
      const taken = await leases.take({ name: `taker ${n}` }, soon());
      await Promise.all(Array.from({ length: 5 }, () => taken.pool.query('INSERT INTO a VALUES (1)')));
      const { rows } = await taken.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM a');
      await leases.giveBack(taken);
      return rows[0]?.count;
    }),
  );

  expect(served).toEqual(Array.from({ length: 64 }, () => 5));
  expect(await server.ask('SELECT count(*)::int FROM mayfly_1.refusal').catch(() => 0)).toBe(0);
});

describe('a lease that opens more connections than it may', () => {
  test('is told who holds them, while another goes on working', async () => {
    const { leases } = await server.use({ sql, connections: 2, poolTimeout: 300, concurrency: 2 });
    const greedy = await leases.take({ name: 'greedy', worker: '1' }, soon());
    const modest = await leases.take({ name: 'modest' }, soon());
    await hold(greedy, 2);

    await expect(greedy.pool.query('SELECT 1')).rejects.toMatchObject({
      code: 'MAYFLY_CONNECTIONS_EXHAUSTED',
      message: expect.stringContaining('  2 by "1: greedy", idle'),
    });

    expect((await modest.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('with a driver of its own is refused by the server, and then its pool says who holds them', async () => {
    const { leases } = await server.use({ sql, connections: 2, concurrency: 2 });
    const greedy = await leases.take({ name: 'greedy' }, soon());
    const modest = await leases.take({ name: 'modest' }, soon());
    // One more than its pool may have: the one that is kept from lease to lease.
    await connect(greedy, 3);

    await expect(connect(greedy, 1)).rejects.toThrow('too many connections for role');
    await expect(greedy.pool.query('SELECT 1')).rejects.toMatchObject({
      code: 'MAYFLY_CONNECTIONS_EXHAUSTED',
      message: expect.stringContaining('  3 by "an app of its own", idle'),
    });
    expect((await modest.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await leases.giveBack(greedy)).toMatchObject({ leftover: ['an app of its own'] });
  });
});

describe('when all databases are taken', () => {
  test('whoever waits too long is told who holds them', async () => {
    const { leases } = await server.use(everything);
    const { details } = await leases.take({ name: 'the slow one', worker: '3', file: 'slow.test.ts' }, soon());

    await expect(leases.take({ name: 'waiting' }, { ...soon(), timeout: 50 })).rejects.toMatchObject({
      code: 'MAYFLY_LEASE_TIMEOUT',
      message: expect.stringContaining(`  ${details.database}: the slow one, worker 3, slow.test.ts, for 0 s`),
    });
  });

  test('whoever came first is served first', async () => {
    const { leases } = await server.use(everything);
    const held = await leases.take({ name: 'holder' }, soon());
    const order: number[] = [];
    const waiting = [1, 2, 3, 4, 5].map((n) => takeBriefly(leases, `taker ${n}`, () => order.push(n)));
    await leases.giveBack(held);
    await Promise.all([...waiting, takeBriefly(leases, 'late', () => order.push(6))]);

    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('whoever gives up leaves the next to those who wait', async () => {
    const { leases } = await server.use(everything);
    const held = await leases.take({ name: 'holder' }, soon());
    const controller = new AbortController();
    const impatient = leases.take({ name: 'impatient' }, { timeout: 30_000, signal: controller.signal });
    const patient = leases.take({ name: 'patient' }, soon());
    controller.abort(new Error('no more'));

    await expect(impatient).rejects.toThrow('no more');
    await leases.giveBack(held);
    expect((await patient).details.database).toBe(held.details.database);
  });

  test.each(['killed', 'let go'] as const)('that of a process that is %s comes back', async (end) => {
    await using other = new LeaseProcess(server.details, { ...everything, session: `cafe${end.length}` });
    await other.holds();
    const { leases } = await server.use(everything);
    const taking = leases.take({ name: 'waiting' }, soon());
    await expect(leases.take({ name: 'impatient' }, { ...soon(), timeout: 50 })).rejects.toThrow(
      'held elsewhere, worker 7',
    );

    await (end === 'killed' ? other.kill() : other[Symbol.asyncDispose]());

    expect((await (await taking).pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

async function takeBriefly(leases: PostgresLeases, name: string, onTaken: () => void): Promise<void> {
  const taken = await leases.take({ name }, soon());
  onTaken();
  await leases.giveBack(taken);
}

async function hold({ pool }: TakenDatabase, count: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
  onTestFinished(() => clients.forEach((client) => client.release()));
}

async function connect({ details }: TakenDatabase, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const client = new pg.Client({ connectionString: details.plainUrl, application_name: 'an app of its own' });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.end());
  }
}
