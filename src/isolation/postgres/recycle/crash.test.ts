import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import pg from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer, type LeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { runSql, soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { PostgresLeases } from '../postgres-leases.ts';

const state = useOwnState();
const sql = 'CREATE TABLE a (n int); INSERT INTO a VALUES (1); CREATE UNLOGGED TABLE u (n int)';
const count = 'SELECT count(*)::int AS count FROM a';

describe('a server of which one process crashes, and that therefore ends all sessions,', () => {
  const server = useLeaseServer(state);

  test('has forgotten what was written, and what was written is nevertheless noticed', async () => {
    const { leases } = await server.use({ sql });
    const taken = await leases.take({ name: 'test' }, soon());
    await taken.pool.query('INSERT INTO a VALUES (2)');
    await crash(server);

    await expect(giveBack(leases, taken)).resolves.not.toMatch(/untouched|undone/);

    const next = await leases.take({ name: 'next' }, soon());
    expect((await next.pool.query(count)).rows).toEqual([{ count: 1 }]);
    expect(next.details.database).not.toBe(taken.details.database);
  });

  test('serves those that were ready before', async () => {
    const { leases } = await server.use({ sql, ready: 1 });
    const taken = await leases.take({ name: 'test' }, soon());
    await leases.giveBack(taken);
    await crash(server);

    const next = await leases.take({ name: 'next' }, soon());
    expect((await next.pool.query(count)).rows).toEqual([{ count: 1 }]);
  });

  test.each(['recycle', 'transaction'] as const)('serves leases in mode %s as before', async (mode) => {
    const { leases } = await server.use({ sql, mode });
    const before = await leases.take({ name: 'before' }, soon());
    await before.pool.query('INSERT INTO a VALUES (2)');
    await leases.giveBack(before);
    await crash(server);

    const after = await leases.take({ name: 'after' }, soon());
    await after.pool.query('INSERT INTO a VALUES (2)');
    expect((await after.pool.query(count)).rows).toEqual([{ count: 2 }]);
    await leases.giveBack(after);
    const last = await leases.take({ name: 'last' }, soon());
    expect((await last.pool.query(count)).rows).toEqual([{ count: 1 }]);
  });
});

describe('a server that is stopped and started again between two leases', () => {
  const server = useLeaseServer(state);
  let restarted: ChildProcess | undefined;

  afterAll(() => restarted && stop(restarted.pid!));

  test.each(['recycle', 'transaction'] as const)('serves leases in mode %s as before', async (mode) => {
    const { leases } = await server.use({ sql, mode });
    const before = await leases.take({ name: 'before' }, soon());
    await before.pool.query('INSERT INTO a VALUES (2)');
    await leases.giveBack(before);
    const held = await leases.take({ name: 'held' }, soon());
    await held.pool.query('INSERT INTO a VALUES (2)');
    restarted = await restart(server, restarted?.pid ?? Number(server.details.place.replace('process ', '')));

    await leases.giveBack(held);
    const after = await leases.take({ name: 'after' }, soon());
    expect((await after.pool.query(count)).rows).toEqual([{ count: 1 }]);
  });
});

async function giveBack(leases: PostgresLeases, taken: Parameters<PostgresLeases['giveBack']>[0]): Promise<string> {
  return (await leases.giveBack(taken)).outcome;
}

/** Kills the process of one session, whereupon the server ends all, and returns when it takes connections again. */
async function crash(server: LeaseServer): Promise<void> {
  const client = new pg.Client(server.details.url);
  client.on('error', () => {});
  await client.connect();
  const ended = new Promise((resolve) => {
    client.once('end', resolve);
  });
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  process.kill(rows[0]!.pid, 'SIGKILL');
  await ended;
  await answering(server);
}

/** Stops the server, and starts it again as it was started. */
async function restart(server: LeaseServer, pid: number): Promise<ChildProcess> {
  const [program = '', ...parameters] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [uid, gid] = ['Uid', 'Gid'].map((field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]));
  const postmaster = readlinkSync(`/proc/${pid}/exe`);
  await stop(pid);
  const child = spawn(postmaster, parameters, { argv0: program, cwd, stdio: 'ignore', uid: uid!, gid: gid! });
  await answering(server);
  return child;
}

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT');
  await vi.waitUntil(() => isGone(pid), { timeout: 20_000, interval: 5 });
}

async function answering(server: LeaseServer): Promise<void> {
  await vi.waitFor(() => runSql(server.details.url, 'SELECT 1'), { timeout: 20_000, interval: 5 });
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
