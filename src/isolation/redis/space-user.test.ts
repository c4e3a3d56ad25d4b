import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { connectRedis, openSpaces, patient } from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import type { RedisSpace } from './redis-space.ts';
import { holdOf, userOf } from './space-user.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const forbidden = [
  'FLUSHALL',
  'FLUSHALL ASYNC',
  'SWAPDB {own} {other}',
  'SELECT {other}',
  'SELECT 0',

  'MOVE key {other}',
  'COPY key copy DB {other}',
  'MIGRATE 127.0.0.1 1 key {other} 10',
  'CONFIG GET requirepass',
  'CONFIG SET maxmemory 1',
  'CONFIG REWRITE',
  'CONFIG RESETSTAT',
  'SHUTDOWN NOSAVE',
  'DEBUG SLEEP 0',
  'ACL SETUSER intruder on nopass ~* &* +@all',
  'ACL DELUSER default',
  'ACL LIST',
  'ACL USERS',
  'REPLICAOF NO ONE',
  'SLAVEOF NO ONE',
  'FAILOVER',
  'SYNC',
  'PSYNC ? -1',
  'SAVE',
  'BGSAVE',
  'BGREWRITEAOF',
  'MONITOR',
  'MODULE LOAD /nowhere.so',
  'CLIENT KILL TYPE normal',
  'CLIENT PAUSE 1',
  'CLIENT UNPAUSE',
  'CLIENT UNBLOCK 1',
  'SCRIPT FLUSH',
  'SCRIPT KILL',
  'SCRIPT DEBUG NO',
  'FUNCTION LOAD #!lua\nredis.register_function("f",function()end)',
  'FUNCTION DELETE library',
  'FUNCTION FLUSH',
  'FUNCTION RESTORE payload',
  'FUNCTION KILL',
  'SLOWLOG RESET',
  'LATENCY RESET',
  'PUBLISH elsewhere message',
  'SPUBLISH elsewhere message',
  'SUBSCRIBE elsewhere',
  'SSUBSCRIBE elsewhere',
  'PSUBSCRIBE *',
  'SUBSCRIBE __keyspace@{other}__:key',
  'SUBSCRIBE __keyevent@{other}__:set',
];

/** In whichever words: those for a script differ, and DEBUG and MODULE are refused to everybody on a stock server. */
const refusal =
  /^(NOPERM |ERR (The user executing the script can't |ACL failure in script: )|ERR (DEBUG|MODULE) command not allowed)/;

const allowed = [
  'SELECT {own}',
  'SET key value',
  'KEYS *',
  'FLUSHDB',
  'INFO',
  'CLIENT LIST',
  'CLIENT SETNAME checkout',
  'COMMAND COUNT',
  'SCRIPT LOAD return',
  'EVAL return(redis.call("SET","key","value")) 0',
  'MULTI',
  'XADD stream * field value',
  'ACL WHOAMI',
  'HELLO 3',
];

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the user of a space on ${runtime}`, () => {
    let host: Environment<{ postgres: false }>;
    let server: RedisDetails;

    beforeAll(async () => {
      host = await startEnvironment({ postgres: false, redis: { databases: 8 } }, { runtime });
      server = host.details.redis;
      await askRedis(server.url, 'CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    });

    afterAll(() => host.stop());

    async function takeTwo(): Promise<{ own: RedisSpace; other: RedisSpace; words: (command: string) => string[] }> {
      const spaces = openSpaces(server);
      const [own, other] = [await spaces.take({ name: 'own' }, patient), await spaces.take({ name: 'other' }, patient)];
      const fill = (word: string): string =>
        word.replace('{own}', String(own.database)).replace('{other}', String(other.database));
      return { own, other, words: (command) => command.split(' ').map(fill) };
    }

    test.for(forbidden)('may not %s', async (command) => {
      const { own, words } = await takeTwo();
      const [name = '', ...parameters] = words(command);
      await askRedis(own.url, 'SET', 'key', 'value');

      await expect(askRedis(own.url, name, ...parameters)).rejects.toThrow(refusal);
    });

    test.for(['DEBUG SLEEP 0', 'MODULE LOAD /nowhere.so', 'SHUTDOWN'])('is itself refused %s', async (command) => {
      const { own } = await takeTwo();
      const verdict = askRedis(server.url, 'ACL', 'DRYRUN', own.username, ...command.split(' '));

      // Redis says so in its reply, Valkey as an error.
      expect(await verdict.catch(String)).toMatch(/has no permissions/);
    });

    test.for(allowed)('may %s', async (command) => {
      const { own, words } = await takeTwo();
      const [name = '', ...parameters] = words(command);

      await expect(askRedis(own.url, name, ...parameters)).resolves.toBeDefined();
    });

    test('may not do in a script what it may not do', async () => {
      const { own, other } = await takeTwo();

      for (const call of ['"FLUSHALL"', `"SELECT", ${other.database}`, '"PUBLISH", "elsewhere", "message"']) {
        await expect(askRedis(own.url, 'EVAL', `return redis.call(${call})`, '0')).rejects.toThrow(refusal);
      }
    });

    test('has the channels that begin with its prefix, and hears nobody else there', async () => {
      const { own, other } = await takeTwo();
      const heard = [await listen(own, `${own.channelPrefix}news`), await listen(other, `${other.channelPrefix}news`)];
      const pattern = await connectRedis(own.url);
      await pattern.psubscribe(`${own.channelPrefix}*`);

      await expect(askRedis(other.url, 'PUBLISH', `${own.channelPrefix}news`, 'intrusion')).rejects.toThrow('NOPERM');
      await askRedis(own.url, 'PUBLISH', `${own.channelPrefix}news`, 'of own');
      await askRedis(other.url, 'PUBLISH', `${other.channelPrefix}news`, 'of other');

      await expect.poll(() => heard).toEqual([['of own'], ['of other']]);
      expect(own.channelPrefix).not.toBe(other.channelPrefix);
    });

    test('hears what happens to its own keys, by name and by pattern', async () => {
      const { own } = await takeTwo();
      const channel = `__keyevent@${own.database}__:set`;
      const heard = await listen(own, channel);
      const client = await connectRedis(own.url);
      for (const pattern of [
        `__keyspace@${own.database}__:*`,
        `__keyevent@${own.database}__:*`,
        `__key*@${own.database}__:*`,
      ]) {
        await client.psubscribe(pattern);
      }

      await askRedis(own.url, 'SET', 'key', 'value');

      await expect.poll(() => heard).toEqual(['key']);
    });
  });
}

test('a hold is found again by the name of its user', () => {
  const hold = { database: 12, session: 'abc123', token: '0f3e.17.4', run: '0f3e', client: 17 };

  expect(holdOf(userOf(hold))).toMatchObject(hold);
});

test.each(['default', 'mayfly', 'mayfly-trial-0f3e', 'mayfly-abc-x-0f3e.17.4', 'somebody-12-0f3e.17.4'])(
  'the user %s is none of a hold',
  (user) => {
    expect(holdOf(user)).toBeUndefined();
  },
);

/** What is heard on a channel from now on. */
async function listen({ url }: RedisSpace, channel: string): Promise<string[]> {
  const heard: string[] = [];
  const client = await connectRedis(url);
  client.on('message', (_, message) => heard.push(message));
  await client.subscribe(channel);
  return heard;
}
