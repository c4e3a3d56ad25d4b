import { describe, expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import { defineEnvironment, type EnvironmentDefinition } from './definition.ts';

const mail = defineService({ name: 'mail', start: () => {} });

test.each<EnvironmentDefinition>([
  {},
  { postgres: false, redis: false },
  { runtime: 'auto' },
  { runtime: undefined, postgres: undefined, redis: { port: undefined } },
  {
    runtime: 'docker',
    postgres: { image: 'postgres:17', port: 5432, maxConnections: 200, settings: { wal_level: 'logical' } },
    redis: { image: 'redis:7', url: 'redis://localhost', port: 6379, databases: 32 },
    services: [mail],
    concurrency: 1,
    teardownTimeout: 5_000,
  },
])('a definition is given back as it was: %o', (definition) => {
  expect(defineEnvironment(definition)).toBe(definition);
});

describe('a definition is refused', () => {
  test.each([
    { what: 'with an unknown field', wrong: { postgress: {} }, says: /Unrecognized key: "postgress"/ },
    { what: 'with an unknown field further down', wrong: { redis: { prot: 1 } }, says: /Unrecognized key: "prot"/ },
    { what: 'with a server that is no object', wrong: { postgres: true }, says: /at postgres/ },
    {
      what: 'with a port that is text',
      wrong: { redis: { port: '6379' } },
      says: /expected number.*\n.*at redis\.port/,
    },
    {
      what: 'with a port that no machine has',
      wrong: { postgres: { port: 65_536 } },
      says: /Too big.*\n.*at postgres\.port/,
    },
    { what: 'with an image that is empty', wrong: { redis: { image: '' } }, says: /Too small.*\n.*at redis\.image/ },
    {
      what: 'with too few connections',
      wrong: { postgres: { maxConnections: 3 } },
      says: /at postgres\.maxConnections/,
    },
    {
      what: 'with a setting that is no name',
      wrong: { postgres: { settings: { 'port = 1;': '1' } } },
      says: /at postgres\.settings\["port = 1;"\]/,
    },
    { what: 'with half a service at a time', wrong: { concurrency: 0.5 }, says: /at concurrency/ },
    { what: 'with no time for the teardown', wrong: { teardownTimeout: 0 }, says: /at teardownTimeout/ },
    {
      what: 'with something that is no service',
      wrong: { services: [mail, { name: 'mail' }] },
      says: /expected a service made by defineService or containerService\n.*at services\[1\]/,
    },
    {
      what: 'with services of leases inside one transaction',
      wrong: { services: [mail], leases: { mode: 'transaction' } },
      says: /would see nothing of the one transaction\n.*at leases\.mode/,
    },
    { what: 'that is no object', wrong: 'mayfly', says: /expected object, received string/ },
  ])('$what', ({ wrong, says }) => {
    const define = (): unknown => defineEnvironment(wrong as never);

    expect(define).toThrow(expect.objectContaining({ code: 'MAYFLY_DEFINITION_INVALID', phase: 'configure' }));
    expect(define).toThrow(/^The definition of the environment is not valid:\n/);
    expect(define).toThrow(says);
    expect(define).toThrow(/\nCorrect the fields named above\.$/);
  });

  test.each(['podman', 'Docker', '', 7, null])('with the runtime %o, which there is not', (runtime) => {
    const define = (): unknown => defineEnvironment({ runtime } as never);

    expect(define).toThrow(expect.objectContaining({ code: 'MAYFLY_RUNTIME_UNKNOWN' }));
    expect(define).toThrow(/"auto"\|"docker"\|"embedded"\|"external"\n.*at runtime/);
  });
});
