import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { findRedis } from '../../../fixtures/harness/redis-on-path.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import {
  databasesOf,
  fromDatabase,
  impatient,
  leftOnServer,
  nothingLeft,
  openSpaces,
  patient,
} from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import { freePort } from '../../connection/free-port.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('a server of others', () => {
  let server: RedisDetails;
  const theirs = { isOurs: false };

  beforeEach(async () => {
    server = await start(8);
  });

  test('keeps its data, and nothing is left on it', async () => {
    await put('theirs', 0, 2, 5, 7);
    const spaces = openSpaces(server, theirs);

    // The last one without data keeps account.
    const taken = await Promise.all(Array.from({ length: 3 }, () => spaces.take({ name: 'one' }, patient)));
    expect(databasesOf(taken)).toEqual([1, 3, 4]);
    await expect(spaces.take({ name: 'more' }, impatient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_EXHAUSTED',
    });
    await Promise.all(taken.map(({ url }) => askRedis(url, 'SET', 'key', 'value')));
    await spaces.close();

    expect(await leftOnServer(server)).toEqual({ ...nothingLeft, databases: ['0', '2', '5', '7'] });
    expect(await read(0, 2, 5, 7)).toEqual(['theirs', 'theirs', 'theirs', 'theirs']);
  });

  test('keeps what it puts into a database that was a space before', async () => {
    const spaces = openSpaces(server, theirs);
    await spaces.giveBack(await spaces.take({ name: 'one' }, patient));
    await put('theirs', 1);

    expect(await spaces.take({ name: 'two' }, patient)).toMatchObject({ database: 2 });
    expect(await read(1)).toEqual(['theirs']);
  });

  test('keeps its data when somebody has emptied it of ours', async () => {
    const [spaces, others] = [openSpaces(server, theirs), openSpaces(server, theirs)];
    const one = await spaces.take({ name: 'one' }, patient);
    await others.holders();
    await askRedis(server.url, 'FLUSHALL');
    await put('theirs', 2, 7);

    expect(await others.take({ name: 'two' }, patient)).toMatchObject({ database: 3 });
    await spaces.giveBack(one);
    await Promise.all([spaces.close(), others.close()]);
    expect(await read(2, 7)).toEqual(['theirs', 'theirs']);
    expect(await leftOnServer(server)).toEqual({ ...nothingLeft, databases: ['2', '7'] });
  });

  test('has one registry, however many come at the same time', async () => {
    await put('theirs', 7);
    const spaces = Array.from({ length: 5 }, () => openSpaces(server, theirs));
    const taken = await Promise.all(spaces.map((each) => each.take({ name: 'one' }, patient)));

    expect(databasesOf(taken)).toEqual([1, 2, 3, 4, 5]);
  });

  test('has one registry, even when a place for it that comes before is emptied later', async () => {
    await put('theirs', 7);
    const first = await openSpaces(server, theirs).take({ name: 'one' }, patient);
    await askRedis(fromDatabase(server, 7).url, 'FLUSHDB');
    const second = await openSpaces(server, theirs).take({ name: 'two' }, patient);

    expect([first.database, second.database]).toEqual([1, 2]);
  });

  test('whose database another run works in does not give it away, nor empties it', async () => {
    const [one, two] = [openSpaces(fromDatabase(server, 1), theirs), openSpaces(server, theirs)];
    await one.holders();

    const space = await two.take({ name: 'one' }, patient);
    expect(space.database).toBe(2);
    expect((await two.holders()).map(({ database }) => database)).toEqual([2]);
    await put('of the run', 1);
    await one.close();
    await two.close();

    expect(await read(1)).toEqual(['of the run']);
    expect(await leftOnServer(server)).toEqual({ ...nothingLeft, databases: ['1'] });
  });

  test('where a space is held in the database that the URL names is refused', async () => {
    await openSpaces(server, theirs).take({ name: 'checkout' }, patient);

    await expect(openSpaces(fromDatabase(server, 1), theirs).take({ name: 'one' }, patient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
      message: expect.stringContaining(
        'its database 1, which the URL names, is held as a space by checkout of session test.',
      ),
    });
  });

  test('with one database only has no spaces', async () => {
    server = await start(1);

    await expect(openSpaces(server, theirs).take({ name: 'one' }, patient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
      message: expect.stringMatching(/has no spaces to give: it has one database \(.*\)\. Give it more /),
    });
  });

  test.each([
    { what: 'nothing but the registry', databases: 2, full: [] },
    { what: 'data in all the others', databases: 4, full: [1, 3] },
  ])('with $what has no spaces, which is said without waiting', async ({ databases, full }) => {
    server = await start(databases);
    await put('theirs', ...full);

    await expect(openSpaces(server, theirs).take({ name: 'one' }, patient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
      message: expect.stringContaining(`none of its ${databases} databases is free`),
    });
  });

  test('with data everywhere has no spaces', async () => {
    server = await start(3);
    await put('theirs', 1, 2);

    await expect(openSpaces(server, theirs).take({ name: 'one' }, patient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
      message: expect.stringContaining('data are in all of its 3 databases.'),
    });
    expect(await read(1, 2)).toEqual(['theirs', 'theirs']);
  });

  test.each([3, 4, 16, 17, 1_000])('with %i databases gives all but two of them', async (databases) => {
    server = await start(databases);
    const spaces = openSpaces(server, theirs);
    const last = databases - 2;
    await Promise.all(Array.from({ length: last }, () => spaces.take({ name: 'one' }, patient)));

    const error: unknown = await spaces.take({ name: 'more' }, impatient).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ message: expect.stringContaining(`of which the server has ${databases}.`) });
    expect((await spaces.holders()).map(({ database }) => database)).toEqual(
      Array.from({ length: last }, (_, index) => index + 1),
    );
  });

  test('that is a cluster has no spaces', async () => {
    const cluster = await startCluster();

    await expect(openSpaces(cluster, theirs).take({ name: 'one' }, patient)).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_UNAVAILABLE',
      message: expect.stringContaining('has no spaces to give: it is a cluster.'),
    });
  });

  async function put(value: string, ...databases: readonly number[]): Promise<void> {
    await Promise.all(databases.map((database) => askRedis(fromDatabase(server, database).url, 'SET', 'key', value)));
  }

  async function read(...databases: readonly number[]): Promise<unknown[]> {
    return Promise.all(databases.map((database) => askRedis(fromDatabase(server, database).url, 'GET', 'key')));
  }
});

/** A server of the test's own, as it would be somewhere else. */
async function start(databases: number): Promise<RedisDetails> {
  const host = await startEnvironment({ postgres: false, redis: { databases } }, { runtime: 'embedded' });
  onTestFinished(async () => void (await host.stop()));
  return host.details.redis;
}

/** A Redis that believes itself to be part of a cluster; it ends with the test. */
async function startCluster(): Promise<RedisDetails> {
  const { executable, libraryPath } = await findRedis();
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--cluster-enabled', 'yes', '--save', ''];
  const env = libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };
  const child = spawn(executable, settings, { cwd: makeDirectory(), env, stdio: 'ignore' });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = `redis://127.0.0.1:${port}/0`;
  await vi.waitUntil(() => askRedis(url, 'PING').catch(() => false), { timeout: 30_000, interval: 5 });
  return {
    host: '127.0.0.1',
    port,
    username: 'default',
    password: '',
    database: 0,
    url,
    runtime: 'external',
    place: '',
  };
}
