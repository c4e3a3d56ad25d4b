import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { childEnv, readProcessEnv, setProcessEnv } from './process-env.ts';

const isRoot = process.getuid?.() === 0;

describe('what is read', () => {
  test('is what the variables say', () => {
    const variables = {
      MAYFLY_RUNTIME: 'embedded',
      MAYFLY_POSTGRES_IMAGE: 'postgres:17',
      MAYFLY_REDIS_IMAGE: 'redis:7',
      MAYFLY_DATABASE_URL: 'postgres://a',
      MAYFLY_REDIS_URL: 'redis://a',
      MAYFLY_REDIS_BINARY: '/bin/redis-server',
      MAYFLY_LOG: 'debug',
      MAYFLY_CACHE_DIR: '/cache',
      MAYFLY_DATA_DIR: '/data',
      MAYFLY_STATE_DIR: '/state',
      MAYFLY_SESSION: 'abc',
      PATH: '/bin',
      MAYFLY_DOCKER_NETWORK: 'host',
      MAYFLY_RYUK: 'on',
      DOCKER_HOST: 'tcp://a',
      XDG_RUNTIME_DIR: '/run/user/1',
    };

    expect(readProcessEnv(variables)).toMatchObject({
      runtime: 'embedded',
      postgresImage: 'postgres:17',
      redisImage: 'redis:7',
      databaseUrl: 'postgres://a',
      redisUrl: 'redis://a',
      redisBinary: '/bin/redis-server',
      logLevel: 'debug',
      cacheDirectory: '/cache',
      dataDirectory: '/data',
      stateDirectory: '/state',
      session: 'abc',
      searchPath: '/bin',
      docker: { host: 'tcp://a', runtimeDirectory: '/run/user/1', network: 'host', ryuk: 'on' },
    });
  });

  test('of a variable that is set to nothing is the same as of one that is not set', () => {
    const names = ['RUNTIME', 'LOG', 'DATABASE_URL', 'CACHE_DIR', 'STATE_DIR', 'SESSION'].map(
      (name) => `MAYFLY_${name}`,
    );
    const empty = Object.fromEntries([...names, 'PATH', 'XDG_CACHE_HOME', 'DOCKER_HOST'].map((name) => [name, '']));

    expect(readProcessEnv(empty)).toEqual(readProcessEnv({}));
    expect(readProcessEnv({})).toMatchObject({
      runtime: undefined,
      databaseUrl: undefined,
      logLevel: 'silent',
      stateDirectory: join(tmpdir(), `mayfly-${process.getuid?.() ?? 'user'}`),
      session: undefined,
      searchPath: '',
    });
  });

  test("leaves root's cache to the system, and other users' to their home", () => {
    expect(readProcessEnv({}).cacheDirectory).toBe(isRoot ? '/var/cache/mayfly' : join(homedir(), '.cache', 'mayfly'));
    expect(readProcessEnv({ XDG_CACHE_HOME: '/xdg' }).cacheDirectory).toBe(
      isRoot ? '/var/cache/mayfly' : '/xdg/mayfly',
    );
  });

  test('of Ryuk is what Mayfly was told, and then what Testcontainers was', () => {
    const disabled = { TESTCONTAINERS_RYUK_DISABLED: 'true' };

    expect(readProcessEnv({}).docker.ryuk).toBeUndefined();
    expect(readProcessEnv({ TESTCONTAINERS_RYUK_DISABLED: 'false' }).docker.ryuk).toBeUndefined();
    expect(readProcessEnv(disabled).docker.ryuk).toBe('off');
    expect(readProcessEnv({ ...disabled, MAYFLY_RYUK: 'on' }).docker.ryuk).toBe('on');
  });

  test('stays as it was read', () => {
    const variables = { MAYFLY_LOG: 'info' };
    const env = readProcessEnv(variables);
    variables.MAYFLY_LOG = 'debug';

    expect(env.logLevel).toBe('info');
  });
});

test.each([
  {
    variables: { MAYFLY_RUNTIME: 'podman' },
    code: 'MAYFLY_RUNTIME_UNKNOWN',
    says: /^The environment variable MAYFLY_RUNTIME is "podman": .*"auto".*"docker".* Correct MAYFLY_RUNTIME, or leave it out\.$/,
  },
  {
    variables: { MAYFLY_LOG: 'loud' },
    code: 'MAYFLY_VARIABLE_INVALID',
    says: /^The environment variable MAYFLY_LOG is "loud": .*"silent".* Correct MAYFLY_LOG, or leave it out\.$/,
  },
  {
    variables: { MAYFLY_RYUK: 'maybe' },
    code: 'MAYFLY_VARIABLE_INVALID',
    says: /^The environment variable MAYFLY_RYUK is "maybe": .*"on"\|"off".* Correct MAYFLY_RYUK, or leave it out\.$/,
  },
])('$code names the variable, its value and what it may be', ({ variables, code, says }) => {
  expect(() => readProcessEnv(variables)).toThrow(expect.objectContaining({ code, phase: 'configure' }));
  expect(() => readProcessEnv(variables)).toThrow(says);
});

describe('what is set for this process', () => {
  afterEach(() => {
    delete process.env['MAYFLY_TEST_A'];
    delete process.env['MAYFLY_TEST_B'];
  });

  test('is taken back, to what it was or to nothing', () => {
    process.env['MAYFLY_TEST_A'] = 'before';

    const restore = setProcessEnv({ MAYFLY_TEST_A: 'now', MAYFLY_TEST_B: 'now' });
    expect(process.env).toMatchObject({ MAYFLY_TEST_A: 'now', MAYFLY_TEST_B: 'now' });
    restore();

    expect(process.env).toMatchObject({ MAYFLY_TEST_A: 'before' });
    expect(process.env).not.toHaveProperty('MAYFLY_TEST_B');
  });

  test('reaches a child together with what is set for it alone, which comes first', () => {
    process.env['MAYFLY_TEST_A'] = 'ours';
    process.env['MAYFLY_TEST_B'] = 'ours';

    expect(childEnv({ MAYFLY_TEST_B: 'its own' })).toMatchObject({ MAYFLY_TEST_A: 'ours', MAYFLY_TEST_B: 'its own' });
    expect(process.env['MAYFLY_TEST_B']).toBe('ours');
  });
});
