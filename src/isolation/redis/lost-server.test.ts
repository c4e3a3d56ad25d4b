import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { killServer } from '../../../fixtures/harness/kill-server.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { loginAs, openSpaces, patient } from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const unreachable = { code: 'MAYFLY_REDIS_UNREACHABLE', service: 'redis' };

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a server that goes away on ${runtime}`, () => {
    test('that was killed while spaces were held is named, and closing still ends', async () => {
      const before = countResources();
      const host = await start();
      const server = host.details.redis;
      const spaces = openSpaces(server);
      const held = await spaces.take({ name: 'one' }, patient);
      const used = new Redis(held.url, { retryStrategy: () => null });
      used.on('error', () => {});
      onTestFinished(() => used.disconnect());
      await used.ping();

      await killServer(server.place);

      await expect(spaces.take({ name: 'two' }, patient)).rejects.toMatchObject(unreachable);
      await expect(spaces.giveBack(held)).rejects.toMatchObject(unreachable);
      await expect(spaces.holders()).rejects.toMatchObject(unreachable);
      await spaces.close();
      await host.stop();
      await expect.poll(countResources).toEqual(before);
    });

    test('ends the wait of those who wait for a space', async () => {
      const host = await start();
      const server = host.details.redis;
      const spaces = openSpaces(server);
      await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
      const waiting = ['three', 'four'].map((name) => spaces.take({ name }, patient));
      const endings = Promise.allSettled(waiting);

      await killServer(server.place);

      const lost = { status: 'rejected', reason: expect.objectContaining(unreachable) };
      expect(await endings).toEqual([lost, lost]);
      await spaces.close();
      await host.stop();
    });

    test('and comes again has spaces anew; what was held before is said to be lost, and harms nobody', async () => {
      const first = await start();
      const server = first.details.redis;
      const [spaces, others] = [openSpaces(server), openSpaces(server)];
      const held = await spaces.take({ name: 'before' }, patient);
      await others.holders();
      await killServer(server.place);
      const second = await start({ port: server.port });
      await askRedis(second.details.redis.url, 'ACL', 'SETUSER', 'default', `>${server.password}`);

      const next = await others.take({ name: 'after' }, patient);
      await askRedis(next.url, 'SET', 'key', 'of the next');
      expect(next.database).toBe(held.database);

      await expect(spaces.giveBack(held)).rejects.toMatchObject({
        code: 'MAYFLY_REDIS_SPACE_LOST',
        message: expect.stringContaining('the server was restarted'),
      });
      expect(await askRedis(next.url, 'GET', 'key')).toBe('of the next');
      expect(await spaces.take({ name: 'also after' }, patient)).toMatchObject({ database: 2 });
      await Promise.all([spaces.close(), others.close()]);
      await Promise.all([first.stop(), second.stop()]);
    });

    test('between two leases is reached again by the next taker', async () => {
      const first = await start();
      const server = first.details.redis;
      const spaces = openSpaces(server);
      await spaces.giveBack(await spaces.take({ name: 'before' }, patient));
      await killServer(server.place);
      const second = await start({ port: server.port });
      await askRedis(second.details.redis.url, 'ACL', 'SETUSER', 'default', `>${server.password}`);

      expect(await spaces.take({ name: 'after' }, patient)).toMatchObject({ database: 1 });
      await spaces.close();
      await Promise.all([first.stop(), second.stop()]);
    });

    function start(redis: { readonly port?: number } = {}): Promise<Environment<{ postgres: false }>> {
      return startEnvironment({ postgres: false, redis: { databases: 4, ...redis } }, { runtime });
    }
  });
}

describe.skipIf(await isMissing('embedded'))('a server that says no', () => {
  test('to a password is named without the password', async () => {
    await using host = await startEnvironment({ postgres: false }, { runtime: 'embedded' });
    const spaces = openSpaces(loginAs(host.details.redis, 'default', 'secret-guess'));

    const error = await spaces.take({ name: 'one' }, patient).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ ...unreachable, message: expect.stringContaining('WRONGPASS') });
    expect(inspect(error, { depth: 10 })).not.toContain('secret-guess');
    await spaces.close();
  });
});

/** What would keep this process alive. */
function countResources(): Record<string, number> {
  const kinds = ['TCPSocketWrap', 'TCPConnectWrap', 'Immediate'];
  const resources = process.getActiveResourcesInfo();
  return Object.fromEntries(kinds.map((kind) => [kind, resources.filter((resource) => resource === kind).length]));
}
