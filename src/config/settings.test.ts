import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import { readProcessEnv } from './process-env.ts';
import { resolveSettings } from './settings.ts';

const unset = readProcessEnv({});

describe('the runtime', () => {
  const commandLine = { runtime: 'docker' } as const;
  const variables = { ...unset, runtime: 'embedded' } as const;
  const definition = { runtime: 'external' } as const;

  test.each([
    { by: '--runtime', runtime: 'docker', settings: resolveSettings(definition, variables, commandLine) },
    { by: 'MAYFLY_RUNTIME', runtime: 'embedded', settings: resolveSettings(definition, variables) },
    { by: 'the definition', runtime: 'external', settings: resolveSettings(definition, unset, {}) },
    { by: 'default', runtime: 'auto', settings: resolveSettings({}, unset, { runtime: undefined }) },
  ])('is $runtime by $by, before whatever comes after', ({ by, runtime, settings }) => {
    expect(settings).toMatchObject({ runtime, decidedBy: by });
  });

  test('may be left to Mayfly by who comes first', () => {
    expect(resolveSettings(definition, variables, { runtime: 'auto' })).toMatchObject({
      runtime: 'auto',
      decidedBy: '--runtime',
    });
  });
});

test('what nobody decides is decided here', () => {
  expect(resolveSettings({}, unset)).toEqual({
    runtime: 'auto',
    decidedBy: 'default',
    postgres: {
      image: 'postgres:18-alpine',
      url: undefined,
      port: undefined,
      maxConnections: expect.any(Number) as unknown,
      settings: {},
    },
    redis: { image: 'redis:8-alpine', url: undefined, port: undefined, databases: 128 },
    migrations: undefined,
    leases: {
      mode: 'recycle',
      workers: availableParallelism(),
      concurrency: 1,
      connections: 10,
      ready: undefined,
      timeout: 20_000,
      poolTimeout: 20_000,
      superuser: false,
      keepFailed: false,
    },
    services: [],
    concurrency: Infinity,
    teardownTimeout: 8_000,
  });
});

test('what the definition says is taken over', () => {
  const services = [defineService({ name: 'mail', start: () => {} })];
  const postgres = { image: 'postgres:17', url: 'postgres://a', port: 1, maxConnections: 9, settings: { a: 'b' } };
  const redis = { image: 'redis:7', url: 'redis://a', port: 2, databases: 3 };
  const leases = {
    mode: 'clone',
    workers: 4,
    concurrency: 5,
    connections: 6,
    ready: 7,
    timeout: 8,
    poolTimeout: 9,
    superuser: true,
    keepFailed: true,
  } as const;
  const rest = { services, migrations: './migrations', leases, concurrency: 2, teardownTimeout: 3 };
  const definition = { runtime: 'docker', postgres, redis, ...rest } as const;

  expect(resolveSettings(definition, unset)).toEqual({ ...definition, decidedBy: 'the definition' });
});

test.each([
  { workers: 2, concurrency: 1, connections: 200 },
  { workers: 9, concurrency: 1, connections: 200 },
  { workers: 30, concurrency: 1, connections: 310 },
  { workers: 4, concurrency: 5, connections: 200 },
])(
  '$workers workers with $concurrency leases find $connections connections',
  ({ workers, concurrency, connections }) => {
    const { postgres } = resolveSettings({ leases: { workers, concurrency } }, unset);

    expect(postgres?.maxConnections).toBe(connections);
  },
);

test('in CI a lease has fewer connections', () => {
  expect(resolveSettings({}, readProcessEnv({ CI: 'true' })).leases.connections).toBe(5);
  expect(resolveSettings({}, readProcessEnv({ CI: 'false' })).leases.connections).toBe(10);
});

test('images and URLs in the environment variables come before those of the definition', () => {
  const variables = {
    ...unset,
    postgresImage: 'postgres:16',
    databaseUrl: 'postgres://b',
    redisImage: 'valkey:8',
    redisUrl: 'redis://b',
  };
  const definition = {
    postgres: { image: 'postgres:17', url: 'postgres://a', port: 1 },
    redis: { image: 'redis:7', url: 'redis://a', port: 2 },
  };

  expect(resolveSettings(definition, variables)).toMatchObject({
    postgres: { image: 'postgres:16', url: 'postgres://b', port: 1 },
    redis: { image: 'valkey:8', url: 'redis://b', port: 2 },
  });
});

test('a server that the definition leaves out stays out, whatever the environment variables say', () => {
  const variables = { ...unset, databaseUrl: 'postgres://b', redisUrl: 'redis://b' };

  expect(resolveSettings({ postgres: false, redis: false }, variables)).toMatchObject({
    postgres: undefined,
    redis: undefined,
  });
});
