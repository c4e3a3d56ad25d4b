import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { installProgram } from '../../../fixtures/harness/programs.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { EnvironmentDefinition } from '../../config/definition.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('a server that does not start takes the others with it', () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.for(['postgres', 'redis'] as const)('because the port that %s is to have is taken', async (server) => {
    const port = await occupyPort();

    expect(await failureOf({ [server]: { port } })).toMatchObject({
      code: 'MAYFLY_PORT_TAKEN',
      service: server,
      message: expect.stringMatching(new RegExp(`^Port ${port} for ${server} is taken\\. Leave out ${server}\\.port`)),
      notes: [],
      leftovers: [],
    });
  });

  test('because Postgres cannot use a setting, in its own words, and the cache is left alone', async () => {
    expect(await failureOf({ postgres: { settings: { shared_buffers: 'plenty' } } })).toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      service: 'postgres',
      message: expect.stringMatching(/\| .*FATAL: {2}invalid value for parameter "shared_buffers": "plenty"\n/),
      notes: [],
      leftovers: [],
    });
  });

  test('because Postgres does not know a setting, in its own words, and the cache is left alone', async () => {
    expect(await failureOf({ postgres: { settings: { shared_bufers: '1MB' } } })).toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      message: expect.stringContaining('unrecognized configuration parameter "shared_bufers"'),
      notes: [],
      leftovers: [],
    });
  });

  test('because Redis ends at once, in its own words, without the password among its arguments', async () => {
    vi.stubEnv('MAYFLY_REDIS_BINARY', installProgram('redis-that-exits.sh'));

    expect(await failureOf({})).toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      service: 'redis',
      message: expect.stringMatching(
        /\(exit code 3\).*\n {2}\| # Started with redis-\d+\.conf\n {2}\| # Can't open the log file: no ink\n/,
      ),
      leftovers: [],
    });
  });

  test('but not because Postgres only allows reading', async () => {
    await using environment = await startEnvironment(
      { redis: false, postgres: { settings: { default_transaction_read_only: 'on' } } },
      { runtime: 'embedded' },
    );

    expect(await environment.health()).toMatchObject({ healthy: true });
  });
});

/** The error with which a start fails, what the user was told before, and what is left of it at once. */
async function failureOf(definition: EnvironmentDefinition): Promise<object> {
  const notes: string[] = [];
  try {
    const environment = await startEnvironment(definition, {
      runtime: 'embedded',
      onProgress: (event) => void (event.type === 'note' && notes.push(event.message)),
    });
    await environment.stop();
  } catch (error) {
    const leftovers = await leftoversOf(state);
    return Object.assign(error as Error, { notes, leftovers });
  }
  throw new Error('It started.');
}

/** A port at which somebody else listens until the test has finished, who accepts and says nothing. */
async function occupyPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void listener.close());
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}
