import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

const oddPassword = `p@ss/w:rd?#%& é'"\\ `;

describe.skipIf(await isMissing('embedded'))('a Redis that runs already', () => {
  let host: Environment<{ postgres: false }>;
  let server: string;

  beforeAll(async () => {
    host = await startEnvironment({ postgres: false }, { runtime: 'embedded' });
    server = host.details.redis.url;
    await askRedis(server, 'ACL', 'SETUSER', 'builder', 'on', `>${oddPassword}`, '~*', '&*', '+@all');
    await askRedis(server, 'ACL', 'SETUSER', 'guest', 'on', '>welcome', '+acl');
  });

  afterAll(async () => {
    await host.stop();
    await expectNothingLeft(state);
  });

  test('is handed on as it is, and left as it was', async () => {
    await askRedis(server, 'SET', 'theirs', '1');
    const run = await use(`${server.replace(/\/0$/, '')}/3`);

    expect(run.details.redis).toMatchObject({ database: 3, runtime: 'external', place: 'database 3' });
    expect(await askRedis(run.details.redis.url, 'GET', 'theirs')).toBeNull();
    await run.stop();

    expect(await askRedis(server, 'GET', 'theirs')).toBe('1');
  });

  test('is reached with any password, in the URL and in the separate fields', async () => {
    await using run = await use(urlWith({ username: 'builder', password: encodeURIComponent(oddPassword) }));
    const { url, host: name, port, username, password } = run.details.redis;

    expect(password).toBe(oddPassword);
    expect(await askRedis(url, 'ACL', 'WHOAMI')).toBe('builder');
    expect(await askRedis({ host: name, port, username, password }, 'ACL', 'WHOAMI')).toBe('builder');
  });

  test.for([
    ['a wrong password', { password: 'secret-guess' }, 'refused user "default": WRONGPASS'],
    ['no password', { username: '', password: '' }, 'refused user "": NOAUTH'],
    ['a user that may do nothing', { username: 'guest', password: 'welcome' }, 'refused user "guest": NOPERM'],
    ['a database that it does not have', { pathname: '/999' }, 'refused user "default": ERR DB index is out of range'],
  ] as const)('refuses %s, which is said without the password', async ([, change, reason]) => {
    await expect(use(urlWith(change))).rejects.toMatchObject({
      code: 'MAYFLY_EXTERNAL_REFUSED',
      service: 'redis',
      message: expect.stringContaining(reason),
    });
    await expect(use(urlWith(change))).rejects.not.toThrow(/secret-guess|welcome/);
  });

  test('that cannot be reached is named by its place', async () => {
    await expect(use('redis://:secret@127.0.0.1:1')).rejects.toMatchObject({
      code: 'MAYFLY_EXTERNAL_UNREACHABLE',
      message:
        'The external redis at 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1. ' +
        'Start it, or correct its URL.',
    });
  });

  function urlWith(change: Partial<Record<'username' | 'password' | 'pathname', string>>): string {
    return Object.assign(new URL(server), change).href;
  }
});

function use(url: string): Promise<Environment<{ postgres: false }>> {
  return startEnvironment({ postgres: false, redis: { url } }, { runtime: 'external' });
}
