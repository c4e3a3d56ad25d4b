import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import {
  connectRedis,
  databasesOf,
  expectNoSpaces,
  leftOnServer,
  openSpaces,
  patient,
} from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`spaces on ${runtime}`, () => {
    let host: Environment<{ postgres: false }>;
    let server: RedisDetails;

    beforeAll(async () => {
      host = await startEnvironment({ postgres: false, redis: { databases: 8 } }, { runtime });
      server = host.details.redis;
    });

    afterAll(async () => {
      await expectNoSpaces(server);
      await host.stop();
    });

    test('each is a database of its own, with a user of its own', async () => {
      const spaces = openSpaces(server);
      const [one, two] = await Promise.all([
        spaces.take({ name: 'one' }, patient),
        spaces.take({ name: 'two' }, patient),
      ]);
      await askRedis(one.url, 'SET', 'key', 'of one');
      await askRedis(two.url, 'SET', 'key', 'of two');

      expect(databasesOf([one, two])).toEqual([1, 2]);
      expect(await askRedis(one.url, 'GET', 'key')).toBe('of one');
      expect(await askRedis(two, 'ACL', 'WHOAMI')).toBe(two.username);
      expect(one).toMatchObject({ host: server.host, port: server.port, runtime, place: `database ${one.database}` });
      expect(new Set([one.username, two.username, server.username]).size).toBe(3);
      expect(new Set([one.password, two.password, server.password]).size).toBe(3);
    });

    test('is empty when it is taken, whatever was written to it before', async () => {
      for (let database = 1; database < 7; database += 1) {
        await askRedis({ ...server, db: database }, 'SET', 'left', 'behind');
      }
      const spaces = openSpaces(server);
      const space = await spaces.take({ name: 'one' }, patient);

      expect(await askRedis(space.url, 'DBSIZE')).toBe(0);
      await Promise.all(Array.from({ length: 5 }, () => spaces.take({ name: 'the rest' }, patient)));
    });

    test('is emptied when it is given back, and its user is gone', async () => {
      const spaces = openSpaces(server);
      const space = await spaces.take({ name: 'one' }, patient);
      await askRedis(space.url, 'SET', 'key', 'value');

      expect(await spaces.giveBack(space)).toEqual({ leftover: [] });
      expect(await leftOnServer(server)).toMatchObject({ users: ['default'], databases: ['7'] });
      await expect(askRedis(space.url, 'PING')).rejects.toThrow('WRONGPASS');
    });

    test('ends the connections that are still open when it is given back, and names them', async () => {
      const spaces = openSpaces(server);
      const [space, other] = [await spaces.take({ name: 'one' }, patient), await spaces.take({ name: 'two' }, patient)];
      const [named, nameless, bystander] = await Promise.all([
        connectRedis(space.url, 'checkout'),
        connectRedis(space.url),
        connectRedis(other.url, 'bystander'),
      ]);
      const [ended, alsoEnded] = [named, nameless].map((client) => once(client, 'end'));

      const { leftover } = await spaces.giveBack(space);

      expect([...leftover].sort()).toEqual([
        expect.stringMatching(/^[\d.]+:\d+$/),
        expect.stringMatching(/^checkout \([\d.]+:\d+\)$/),
      ]);
      await Promise.all([ended, alsoEnded]);
      expect(await bystander.ping()).toBe('PONG');
    });

    test('a client that goes on writing while its space is given back writes nothing into the next', async () => {
      const spaces = openSpaces(server);
      for (let round = 0; round < 20; round += 1) {
        const space = await spaces.take({ name: `round ${round}` }, patient);
        const client = await connectRedis(space.url);
        const writes = Array.from({ length: 200 }, (_, index) => client.set(`key ${index}`, round));
        const written = Promise.allSettled(writes);
        await spaces.giveBack(space);

        const next = await spaces.take({ name: 'next' }, patient);
        await written;
        expect(next.database).toBe(space.database);
        expect(await askRedis(next.url, 'DBSIZE')).toBe(0);
        await spaces.giveBack(next);
      }
    });

    test('holders are named for everybody', async () => {
      const [spaces, others] = [openSpaces(server, { session: 'first' }), openSpaces(server, { session: 'second' })];
      const before = Date.now();
      const mine = await spaces.take({ name: 'Ключ "a"', worker: '3', file: 'src/a b.test.ts' }, patient);
      const theirs = await others.take({ name: 'two' }, patient);

      const holders = await others.holders();

      expect([...holders].sort((a, b) => a.database - b.database)).toEqual([
        {
          database: mine.database,
          name: 'Ключ "a"',
          session: 'first',
          worker: '3',
          file: 'src/a b.test.ts',
          since: expect.any(Date),
        },
        { database: theirs.database, name: 'two', session: 'second', since: expect.any(Date) },
      ]);
      // The server's clock is that of this machine, to the millisecond.
      expect(holders[0]!.since.getTime()).toBeGreaterThanOrEqual(before - 1);
      await spaces.giveBack(mine);
      expect((await spaces.holders()).map(({ name }) => name)).toEqual(['two']);
    });

    test('giving back a second time does nothing, even when another has it', async () => {
      const spaces = openSpaces(server);
      const space = await spaces.take({ name: 'one' }, patient);
      await Promise.all([spaces.giveBack(space), spaces.giveBack(space)]);
      const next = await spaces.take({ name: 'next' }, patient);
      await askRedis(next.url, 'SET', 'key', 'of the next');

      await spaces.giveBack(space);

      expect(next.database).toBe(space.database);
      expect(await askRedis(next.url, 'GET', 'key')).toBe('of the next');
    });

    test('what was never taken here cannot be given back', async () => {
      const [spaces, others] = [openSpaces(server), openSpaces(server)];
      const space = await others.take({ name: 'one' }, patient);

      await expect(spaces.giveBack(space)).rejects.toMatchObject({
        code: 'MAYFLY_REDIS_SPACE_LOST',
        message: expect.stringContaining('is not held any more: it was not taken here.'),
      });
      expect(await askRedis(space.url, 'PING')).toBe('PONG');
    });

    test('closing gives everything back, once, and nothing is taken afterwards', async () => {
      const spaces = openSpaces(server);
      const taken = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
      await askRedis(taken[0]!.url, 'SET', 'key', 'value');

      await Promise.all([spaces.close(), spaces.close()]);

      await expectNoSpaces(server);
      await expect(spaces.take({ name: 'late' }, patient)).rejects.toMatchObject({
        code: 'MAYFLY_ENVIRONMENT_STOPPED',
      });
      await spaces.close();
    });

    test('closing what was never used connects to nothing', async () => {
      const spaces = openSpaces({ ...server, url: 'redis://127.0.0.1:1' });

      await expect(spaces.close()).resolves.toBeUndefined();
    });

    test('the end of a session takes back what its other processes hold, and leaves other sessions alone', async () => {
      const [owner, worker, others] = ['one', 'one', 'two'].map((session) => openSpaces(server, { session }));
      const [, space, theirs] = await Promise.all(
        [owner!, worker!, others!].map((each) => each.take({ name: 'it' }, patient)),
      );

      await owner!.endSession();

      expect((await owner!.holders()).map(({ session }) => session)).toEqual(['two']);
      await expect(askRedis(space!.url, 'PING')).rejects.toThrow('WRONGPASS');
      await expect(worker!.giveBack(space!)).rejects.toMatchObject({ code: 'MAYFLY_REDIS_SPACE_LOST' });
      expect(await askRedis(theirs!.url, 'PING')).toBe('PONG');
    });

    test('500 leases leave no key, no user and no connection', async () => {
      const spaces = openSpaces(server);
      const connections = countSockets();
      await Promise.all(
        Array.from({ length: 500 }, async (_, number) => {
          const space = await spaces.take({ name: `lease ${number}` }, patient);
          await askRedis(space.url, 'SET', 'key', String(number));
          await spaces.giveBack(space);
        }),
      );
      await spaces.close();

      await expectNoSpaces(server);
      await expect.poll(countSockets).toBe(connections);
    });
  });
}

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
}
