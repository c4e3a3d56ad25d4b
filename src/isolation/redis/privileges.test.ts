import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import {
  connectRedis,
  expectNoSpaces,
  impatient,
  loginAs,
  openSpaces,
  patient,
  takeInProcess,
} from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('an administrator who may not do everything', () => {
  let host: Environment<{ postgres: false }>;
  let server: RedisDetails;

  beforeAll(async () => {
    host = await startEnvironment({ postgres: false, redis: { databases: 4 } }, { runtime: 'embedded' });
    server = host.details.redis;
  });

  afterAll(async () => {
    await expectNoSpaces(server);
    await host.stop();
  });

  describe('but make no users', () => {
    test('has spaces with a database of their own and its own login, and is told so once', async () => {
      const limited = await loginWith('+@all', '-acl');
      const notes: string[] = [];
      const spaces = openSpaces(limited, { isOurs: false, note: (message) => notes.push(message) });
      const [one, two] = [await spaces.take({ name: 'one' }, patient), await spaces.take({ name: 'two' }, patient)];
      await askRedis(one.url, 'SET', 'key', 'of one');

      expect(one).toMatchObject({ username: 'limited', password: 'secret', channelPrefix: '', database: 1 });
      expect(await askRedis(two.url, 'DBSIZE')).toBe(0);
      expect(notes).toEqual([
        expect.stringMatching(/^This Redis makes no users for spaces \(NOPERM .*\): nothing but its number/),
      ]);
      await spaces.giveBack(one);
      expect(await askRedis(two.url, 'PING')).toBe('PONG');
      expect(await spaces.take({ name: 'three' }, patient)).toMatchObject({ database: 1 });
    });

    test('ends who is still connected to a space that is given back, and nobody else', async () => {
      const spaces = openSpaces(await loginWith('+@all', '-acl'), { isOurs: false });
      const [one, two] = [await spaces.take({ name: 'one' }, patient), await spaces.take({ name: 'two' }, patient)];
      const [inside, outside] = [await connectRedis(one.url, 'checkout'), await connectRedis(two.url, 'audit')];
      const ended = once(inside, 'end');

      expect(await spaces.giveBack(one)).toEqual({ leftover: [expect.stringMatching(/^checkout /)] });
      await ended;
      expect(await outside.ping()).toBe('PONG');
      expect(await spaces.giveBack(two)).toEqual({ leftover: [expect.stringMatching(/^audit /)] });
    });

    test('is told so once, however often it must connect', async () => {
      const limited = await loginWith('+@all', '-acl');
      const notes: string[] = [];
      const spaces = openSpaces(limited, { isOurs: false, note: (message) => notes.push(message) });
      await spaces.giveBack(await spaces.take({ name: 'one' }, patient));
      await askRedis(server.url, 'CLIENT', 'KILL', 'USER', 'limited');
      await spaces.giveBack(await spaces.take({ name: 'two' }, patient));

      expect(notes).toHaveLength(1);
    });

    test('has spaces that nobody else takes when another who holds none goes', async () => {
      const limited = await loginWith('+@all', '-acl');
      const [spaces, passing, others] = [0, 1, 2].map(() => openSpaces(limited, { isOurs: false }));
      await spaces!.take({ name: 'one' }, patient);
      await passing!.holders();
      await passing!.close();

      expect(await others!.take({ name: 'two' }, patient)).toMatchObject({ database: 2 });
    });

    test('gets back what the dead held', async () => {
      const limited = await loginWith('+@all', '-acl');
      const spaces = openSpaces(limited, { isOurs: false });
      const { child, report } = takeInProcess({ details: limited, isOurs: false, takers: 2, purpose: 'hold' });
      await report;
      await spaces.holders();
      await expect(spaces.take({ name: 'too early' }, impatient)).rejects.toThrow('No Redis space was free');
      child.kill('SIGKILL');

      expect(await spaces.take({ name: 'heir' }, patient)).toMatchObject({ database: 1 });
    });

    test('keeps what it holds through a FLUSHALL of others', async () => {
      const spaces = openSpaces(await loginWith('+@all', '-acl'), { isOurs: false });
      await spaces.take({ name: 'one' }, patient);
      await askRedis(server.url, 'FLUSHALL');

      expect(await spaces.take({ name: 'two' }, patient)).toMatchObject({ database: 2 });
    });
  });

  test('but see who is connected has spaces, and takes none from the living', async () => {
    const limited = await loginWith('+@all', '-client|list');
    const [spaces, others] = [openSpaces(limited), openSpaces(limited)];
    const held = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));

    await others.holders();
    await expect(others.take({ name: 'three' }, impatient)).rejects.toThrow('No Redis space was free');
    expect(await spaces.giveBack(held[0]!)).toEqual({ leftover: [] });
  });

  test('and loses the privilege to make users meanwhile takes nothing', async () => {
    const spaces = openSpaces(await loginWith('+@all'));
    await spaces.holders();
    await askRedis(server.url, 'ACL', 'SETUSER', 'limited', '-acl|setuser');

    await expect(spaces.take({ name: 'one' }, patient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
      message: expect.stringContaining('NOPERM'),
    });
    expect(await spaces.holders()).toEqual([]);
  });

  test.each(['-eval', '-info', '-client|id', '-select', '-flushdb', '-hset'])(
    'but %s has no spaces, and is told why',
    async (rule) => {
      const spaces = openSpaces(await loginWith('+@all', rule), { isOurs: false });

      const taken = spaces.take({ name: 'one' }, patient).then((space) => spaces.giveBack(space));

      await expect(taken).rejects.toMatchObject({
        code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
        message: expect.stringMatching(/(NOPERM|has no permissions|can't run this command|one database)/),
      });
      await spaces.close();
      await askRedis(server.url, 'FLUSHALL');
      await openSpaces(server).holders();
    },
  );

  /** The server as a user who may do what these rules say. */
  async function loginWith(...rules: readonly string[]): Promise<RedisDetails> {
    await askRedis(server.url, 'ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', ...rules);
    onTestFinished(async () => void (await askRedis(server.url, 'ACL', 'DELUSER', 'limited')));
    return loginAs(server, 'limited', 'secret');
  }
});
