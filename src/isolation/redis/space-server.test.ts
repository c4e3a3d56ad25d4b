import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { askRedis } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import {
  adminConnections,
  expectNoSpaces,
  fromDatabase,
  leftOnServer,
  openSpaces,
  patient,
} from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { holdOnOwn } from './registry.ts';
import { SpaceServer, type Taken } from './space-server.ts';
import { userOf } from './space-user.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('a server of spaces', () => {
  let host: Environment<{ postgres: false }>;
  let details: RedisDetails;

  beforeAll(async () => {
    host = await startEnvironment({ postgres: false, redis: { databases: 6 } }, { runtime: 'embedded' });
    details = host.details.redis;
  });

  afterAll(async () => {
    await expectNoSpaces(details);
    await host.stop();
  });

  test('takes nothing from a holder that has connected again meanwhile', async () => {
    const [one, other] = [await open(), await open()];
    const { hold } = (await one.take({ name: 'one' })) as Taken;
    await askRedis(fromDatabase(details, hold.database).url, 'SET', 'key', 'value');

    expect(await other.seize([{ ...hold, client: hold.client + 100_000 }])).toBe(0);
    expect(await askRedis(fromDatabase(details, hold.database).url, 'GET', 'key')).toBe('value');
    expect(await one.release(hold)).toMatchObject({ verdict: 'done' });
  });

  test('buries holders of an earlier life of the server, whose numbers may be those of the living', async () => {
    const one = await open();
    const [living, dead] = [await one.take({ name: 'living' }), await one.take({ name: 'dead' })] as Taken[];
    await enter({ ...dead!.hold, run: '00000000' });

    await (await open()).sweep();

    expect(await one.holds()).toEqual([living!.hold]);
  });

  test("empties no run's own database when the run has died", async () => {
    const own = holdOnOwn({ database: 3, session: 'dead', client: 1, run: '00000000' });
    const server = await open();
    await enter(own);
    await askRedis(fromDatabase(details, 3).url, 'SET', 'key', 'of the run');

    await server.sweep();

    expect(await askRedis(fromDatabase(details, 3).url, 'GET', 'key')).toBe('of the run');
    await server.take({ name: 'one' });
    await askRedis(fromDatabase(details, 3).url, 'FLUSHDB');
  });

  test('deletes users of spaces that nobody holds, and no others', async () => {
    const stray = userOf({ session: 'dead', database: 2, token: '00000000.1.1' });
    await askRedis(details.url, 'ACL', 'SETUSER', stray);
    await askRedis(details.url, 'ACL', 'SETUSER', 'mayfly-somebody');

    await (await open()).sweep();

    expect((await leftOnServer(details)).users).toEqual(['default', 'mayfly-somebody']);
    await askRedis(details.url, 'ACL', 'DELUSER', 'mayfly-somebody');
  });

  test('does not put the registry where a space is held, when it must be made anew', async () => {
    const theirs = { isOurs: false };
    const [spaces, others] = [openSpaces(details, theirs), openSpaces(details, theirs)];
    const taken = await Promise.all(['one', 'two', 'three', 'four'].map((name) => spaces.take({ name }, patient)));
    await others.holders();
    await spaces.giveBack(taken[0]!);
    await askRedis(details.url, 'FLUSHALL');
    await askRedis(fromDatabase(details, 5).url, 'SET', 'key', 'value');

    expect((await others.holders()).map(({ database }) => database)).toEqual([2, 3, 4]);
    expect((await leftOnServer(details)).databases).toEqual(['1', '5']);
    await askRedis(fromDatabase(details, 5).url, 'FLUSHDB');
  });

  test('that has ended the connection unheard is connected to again by the next taker', async () => {
    const spaces = openSpaces(details);
    await spaces.giveBack(await spaces.take({ name: 'one' }, patient));
    const [connection = ''] = await adminConnections(details.url);
    // In this round of the event loop: the client cannot have heard of it when it is used next.
    execFileSync(process.execPath, ['--eval', killer, details.url, connection]);

    expect(await spaces.take({ name: 'two' }, patient)).toMatchObject({ database: 1 });
  });

  async function open(): Promise<SpaceServer> {
    const server = await SpaceServer.open(details, { session: 'test', isOurs: true, held: () => [] });
    onTestFinished(async () => {
      await server.seize((await server.holds()).filter(({ session }) => session === 'test'));
      await server.close();
    });
    return server;
  }

  /** Writes a hold into the registry, which is in the last database. */
  async function enter(hold: Taken['hold']): Promise<void> {
    const { url } = fromDatabase(details, 5);
    await askRedis(url, 'HSET', 'mayfly:spaces', String(hold.database), JSON.stringify(hold));
  }
});

/** Ends a connection of a Redis, by their number and URL. */
const killer = `
const [url, id] = process.argv.slice(-2);
const { hostname, port, password } = new URL(url);
const socket = require('node:net').connect(Number(port), hostname);
socket.write(['AUTH ' + password, 'CLIENT KILL ID ' + id, 'QUIT', ''].join('\\r\\n'));
socket.resume();
`;
