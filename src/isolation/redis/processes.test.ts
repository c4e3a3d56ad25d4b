import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import {
  adminConnections,
  databasesOf,
  expectNoSpaces,
  impatient,
  leftOnServer,
  loginAs,
  openSpaces,
  patient,
  takeInProcess,
} from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import type { RedisSpace } from './redis-space.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`several processes on one server on ${runtime}`, () => {
    let host: Environment<{ postgres: false }>;
    let server: RedisDetails;

    beforeAll(async () => {
      host = await startEnvironment({ postgres: false, redis: { databases: 6 } }, { runtime });
      server = host.details.redis;
    });

    afterAll(async () => {
      await expectNoSpaces(server);
      await host.stop();
    });

    test('200 takers at once never meet in one database', async () => {
      const spaces = openSpaces(server);
      const order = { details: server, isOurs: true, takers: 66, purpose: 'share' } as const;
      const children = Array.from({ length: 2 }, () => takeInProcess(order));
      const meetings = await Promise.all(
        Array.from({ length: 68 }, async (_, number) => {
          const space = await spaces.take({ name: `parent ${number}` }, patient);
          const users = await askRedis(server.url, 'INCR', `users of ${space.database}`);
          const keys = await askRedis(space.url, 'DBSIZE');
          await askRedis(space.url, 'SET', 'written by', 'the parent');
          await askRedis(server.url, 'DECR', `users of ${space.database}`);
          await spaces.giveBack(space);
          return { users, keys };
        }),
      );

      expect(meetings.filter(({ users, keys }) => users !== 1 || keys !== 0)).toEqual([]);
      expect(await Promise.all(children.map(({ report }) => report))).toEqual([[], []]);
      await askRedis(server.url, 'FLUSHDB');
    });

    test('what a killed process held comes back, without its data and its users', async () => {
      const spaces = openSpaces(server);
      const { child, report } = takeInProcess({ details: server, isOurs: true, takers: 4, purpose: 'hold' });
      const held = (await report) as RedisSpace[];
      await askRedis(held[0]!.url, 'SET', 'key', 'of the dead');
      await spaces.holders();
      await expect(spaces.take({ name: 'too early' }, impatient)).rejects.toMatchObject({
        code: 'MAYFLY_REDIS_SPACES_EXHAUSTED',
        message: expect.stringContaining('child 3'),
      });

      child.kill('SIGKILL');
      await once(child, 'close');
      const taken = await Promise.all(held.map(() => spaces.take({ name: 'heir' }, patient)));

      expect(databasesOf(taken)).toEqual([1, 2, 3, 4]);
      for (const { url } of taken) {
        expect(await askRedis(url, 'DBSIZE')).toBe(0);
      }
      expect((await leftOnServer(server)).users.sort()).toEqual(
        ['default', ...taken.map(({ username }) => username)].sort(),
      );
      await expect(askRedis(held[0]!.url, 'PING')).rejects.toThrow('WRONGPASS');
    });

    test('what a killed process held is taken away by the next who comes, even if nothing is scarce', async () => {
      const { child, report } = takeInProcess({ details: server, isOurs: true, takers: 2, purpose: 'hold' });
      await report;
      child.kill('SIGKILL');
      await once(child, 'close');
      await expect.poll(() => adminConnections(server.url)).toEqual([]);

      expect(await openSpaces(server).holders()).toEqual([]);
      expect(await leftOnServer(server)).toMatchObject({ users: ['default'], databases: ['5'] });
    });

    test('a holder whose connection is ended connects again, and keeps what it holds', async () => {
      const [spaces, others] = [openSpaces(server), openSpaces(server)];
      const held = await Promise.all(['a', 'b', 'c', 'd'].map((name) => spaces.take({ name }, patient)));
      await askRedis(held[0]!.url, 'SET', 'key', 'value');
      const [connection] = await adminConnections(server.url);
      await askRedis(server.url, 'CLIENT', 'KILL', 'ID', connection!);
      await expect
        .poll(async () => (await adminConnections(server.url)).filter((id) => id !== connection))
        .toHaveLength(1);
      await expect.poll(() => holderIsConnected(server.url)).toBe(true);

      await others.holders();
      await expect(others.take({ name: 'other' }, impatient)).rejects.toThrow('No Redis space was free');

      expect(await askRedis(held[0]!.url, 'GET', 'key')).toBe('value');
      expect(await Promise.all(held.map((space) => spaces.giveBack(space)))).toEqual(
        held.map(() => ({ leftover: [] })),
      );
    });

    test('a holder that cannot connect again loses what others need, and is told; nothing of theirs is touched', async () => {
      await askRedis(server.url, 'ACL', 'SETUSER', 'builder', 'on', '>secret', '~*', '&*', '+@all');
      const [spaces, others] = [openSpaces(loginAs(server, 'builder', 'secret')), openSpaces(server)];
      const held = await Promise.all(['a', 'b', 'c', 'd'].map((name) => spaces.take({ name }, patient)));
      await askRedis(server.url, 'ACL', 'SETUSER', 'builder', 'off');
      await askRedis(server.url, 'CLIENT', 'KILL', 'USER', 'builder');

      const taken = await others.take({ name: 'other' }, patient);
      await askRedis(taken.url, 'SET', 'key', 'of the other');
      const mine = held.find(({ database }) => database === taken.database)!;
      await expect(askRedis(mine.url, 'PING')).rejects.toThrow('WRONGPASS');
      await expect(spaces.giveBack(mine)).rejects.toMatchObject({ code: 'MAYFLY_REDIS_UNREACHABLE' });

      await askRedis(server.url, 'ACL', 'SETUSER', 'builder', 'on');
      await expect(spaces.giveBack(mine)).rejects.toMatchObject({
        code: 'MAYFLY_REDIS_SPACE_LOST',
        message: expect.stringContaining('others took it before there was a new one'),
      });
      expect(await askRedis(taken.url, 'GET', 'key')).toBe('of the other');
      await Promise.all([spaces.close(), others.close()]);
      await askRedis(server.url, 'ACL', 'DELUSER', 'builder');
    });

    test("somebody's FLUSHALL does not make two holders of one database", async () => {
      const [spaces, others] = [openSpaces(server), openSpaces(server)];
      const [one, two] = [await spaces.take({ name: 'one' }, patient), await others.take({ name: 'two' }, patient)];
      await askRedis(server.url, 'FLUSHALL');

      const three = await others.take({ name: 'three' }, patient);
      expect(databasesOf([one, two, three])).toEqual([1, 2, 3]);

      await askRedis(server.url, 'FLUSHALL');
      await askRedis(one.url, 'SET', 'key', 'value');
      await spaces.giveBack(one);
      const four = await spaces.take({ name: 'four' }, patient);
      expect(four.database).toBe(one.database);
      expect((await spaces.holders()).map(({ database }) => database)).toEqual([1, 2, 3]);
    });
  });
}

/** Whether those who are known to hold something are connected. */
async function holderIsConnected(url: string): Promise<boolean> {
  const connections = await adminConnections(url);
  const fields = (await askRedis(`${url.replace(/\/0$/, '')}/5`, 'HVALS', 'mayfly:spaces')) as string[];
  const clients = fields
    .map((field) => (JSON.parse(field) as { client?: number }).client)
    .filter((id) => id !== undefined);
  return clients.every((client) => connections.includes(String(client)));
}
