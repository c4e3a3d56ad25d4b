import pg from 'pg';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useOwnState } from '../../../../fixtures/harness/state.ts';
import { useLeaseServer } from '../../../../fixtures/isolation/lease-server.ts';
import { runSql, soon } from '../../../../fixtures/isolation/lease-source.ts';
import type { PostgresLeases } from '../postgres-leases.ts';

const server = useLeaseServer(useOwnState());

let leases: PostgresLeases;

beforeEach(async () => {
  ({ leases } = await server.use({ sql: 'CREATE TABLE a (n int)' }));
});

describe("whoever knew the last one's password", () => {
  test('does not get in', async () => {
    const taken = await leases.take({ name: 'test' }, soon());
    await leases.giveBack(taken);

    await expect(runSql(taken.details.plainUrl, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  test('does not get in either when the connection had begun before', async () => {
    const taken = await leases.take({ name: 'test' }, soon());
    const { host, port, user, password, database } = taken.details;
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    const slow = new pg.Client({
      host,
      port,
      user,
      database,
      password: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    slow.on('error', () => {});
    onTestFinished(() => slow.end());
    const connecting = slow.connect();
    await asked.promise;

    expect(await leases.giveBack(taken)).toEqual({ outcome: 'untouched', leftover: [] });
    const next = await leases.take({ name: 'next' }, soon());
    expect(next.details.database).toBe(database);
    answer.resolve(password);

    await expect(connecting).rejects.toThrow(`role "${user}" does not exist`);
    await leases.giveBack(next);
  });
});

test('where the server does not count what is written, nothing is called untouched', async () => {
  await runSql(server.details.url, 'ALTER ROLE ALL SET track_counts = off');
  onTestFinished(() => runSql(server.details.url, 'ALTER ROLE ALL RESET track_counts'));
  const uncounted = await server.use({ sql: 'CREATE TABLE b (n int)' });
  const taken = await uncounted.leases.take({ name: 'test' }, soon());
  await taken.pool.query('INSERT INTO b VALUES (1)');

  expect(await uncounted.leases.giveBack(taken)).toMatchObject({ outcome: 'settings changed' });
});
