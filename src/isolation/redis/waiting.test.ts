import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import {
  expectNoSpaces,
  impatient,
  leftOnServer,
  nothingLeft,
  openSpaces,
  patient,
} from '../../../fixtures/harness/spaces.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { RedisDetails } from '../../connection/details.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { exhausted } from './space-errors.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('where every space is held', () => {
  let host: Environment<{ postgres: false }>;
  let server: RedisDetails;

  beforeAll(async () => {
    // Two spaces: one database is the run's own, and one keeps account.
    host = await startEnvironment({ postgres: false, redis: { databases: 4 } }, { runtime: 'embedded' });
    server = host.details.redis;
  });

  afterAll(async () => {
    await expectNoSpaces(server);
    await host.stop();
  });

  test('a taker waits until one is given back', async () => {
    const spaces = openSpaces(server);
    const [one] = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
    const waiting = spaces.take({ name: 'three' }, patient);
    await spaces.giveBack(one!);

    expect((await waiting).database).toBe(one!.database);
  });

  test('a taker waits until another process gives one back', async () => {
    const [spaces, others] = [openSpaces(server), openSpaces(server)];
    const [one] = await Promise.all(['one', 'two'].map((name) => others.take({ name }, patient)));
    await spaces.holders();
    await expect(spaces.take({ name: 'too early' }, impatient)).rejects.toThrow('No Redis space was free');
    const waiting = spaces.take({ name: 'three' }, patient);
    await others.giveBack(one!);

    expect((await waiting).database).toBe(one!.database);
  });

  test('takers of a process are served in their order', async () => {
    const spaces = openSpaces(server);
    const first = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
    const served: number[] = [];
    const takers = Array.from({ length: 20 }, async (_, number) => {
      const space = await spaces.take({ name: `taker ${number}` }, patient);
      served.push(number);
      await spaces.giveBack(space);
    });
    await Promise.all([...first.map((space) => spaces.giveBack(space)), ...takers]);

    expect(served).toEqual(takers.map((_, number) => number));
  });

  test('who comes when one is given back does not overtake those who wait', async () => {
    const spaces = openSpaces(server);
    const [one] = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
    const served: string[] = [];
    const take = async (name: string): Promise<void> => {
      const space = await spaces.take({ name }, patient);
      served.push(name);
      await spaces.giveBack(space);
    };
    const waiting = ['first', 'second'].map(take);
    await expect(spaces.take({ name: 'late' }, impatient)).rejects.toThrow('No Redis space was free');
    await spaces.giveBack(one!);
    await Promise.all([...waiting, take('newcomer')]);

    expect(served).toEqual(['first', 'second', 'newcomer']);
  });

  test('a taker whose patience ends is told who holds them, and what to do', async () => {
    const [spaces, others] = [openSpaces(server, { session: 'mine' }), openSpaces(server, { session: 'theirs' })];
    await spaces.take({ name: 'checkout', worker: '2', file: 'src/checkout.test.ts' }, patient);
    await others.take({ name: 'audit' }, patient);
    await spaces.holders();

    const error = await spaces.take({ name: 'late' }, impatient).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'MAYFLY_REDIS_SPACES_EXHAUSTED',
      service: 'redis',
      message: expect.stringMatching(
        new RegExp(
          [
            '^No Redis space was free within 250 ms; all of them are held:',
            '  - database 1: checkout in worker 2 of src/checkout.test.ts, for \\d+\\.\\d s \\(session mine\\)',
            '  - database 2: audit, for \\d+\\.\\d s \\(session theirs\\)',
            'Release them, or raise redis.databases, of which the server has 4.$',
          ].join('\n'),
        ),
      ),
    });
  });

  test('those who wait behind another are told so as well, and keep nothing', async () => {
    const spaces = openSpaces(server);
    const held = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));

    const waiting = Array.from({ length: 5 }, () => spaces.take({ name: 'late' }, impatient));
    const errors = await Promise.all(waiting.map((taking) => taking.catch((thrown: unknown) => thrown)));

    expect(errors).toEqual(waiting.map(() => expect.objectContaining({ code: 'MAYFLY_REDIS_SPACES_EXHAUSTED' })));
    await Promise.all(held.map((space) => spaces.giveBack(space)));
    expect(await spaces.holders()).toEqual([]);
  });

  test('an aborted taker ends with the reason and keeps nothing, at whatever moment', async () => {
    const spaces = openSpaces(server);
    for (let round = 0; round < 30; round += 1) {
      const asker = new AbortController();
      const reason = new Error('changed my mind');
      const taking = spaces.take({ name: 'one' }, { ...patient, signal: asker.signal });
      const ending = taking.then((space) => spaces.giveBack(space)).catch((thrown: unknown) => thrown);
      for (let turn = 0; turn < round; turn += 1) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      asker.abort(reason);
      expect([reason, { leftover: [] }]).toContainEqual(await ending);
    }
    await expect.poll(() => spaces.holders()).toEqual([]);
  });

  test('spaces that are closed while one is taken keep nothing, at whatever moment', async () => {
    for (let round = 0; round < 30; round += 1) {
      const spaces = openSpaces(server);
      await spaces.holders();
      const taking = spaces.take({ name: 'one' }, patient).catch((thrown: unknown) => thrown);
      for (let turn = 0; turn < round; turn += 1) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      await spaces.close();
      await taking;

      expect(await leftOnServer(server)).toEqual(nothingLeft);
    }
  });

  test('an aborted taker does not hold up those behind it', async () => {
    const spaces = openSpaces(server);
    const [one] = await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
    const asker = new AbortController();
    const aborted = spaces.take({ name: 'aborted' }, { ...patient, signal: asker.signal });
    const behind = spaces.take({ name: 'behind' }, patient);
    asker.abort(new Error('changed my mind'));

    await expect(aborted).rejects.toThrow('changed my mind');
    await spaces.giveBack(one!);
    expect((await behind).database).toBe(one!.database);
  });

  test('closing ends the wait', async () => {
    const spaces = openSpaces(server);
    await Promise.all(['one', 'two'].map((name) => spaces.take({ name }, patient)));
    const waiting = ['three', 'four'].map((name) => spaces.take({ name }, patient));
    const endings = Promise.allSettled(waiting);

    await spaces.close();

    const stopped = { status: 'rejected', reason: expect.objectContaining({ code: 'MAYFLY_ENVIRONMENT_STOPPED' }) };
    expect(await endings).toEqual([stopped, stopped]);
  });
});

test('of many holders the first are named, and the rest counted', () => {
  const holds = Array.from({ length: 25 }, (_, index) => ({
    database: index + 1,
    session: 'test',
    token: 'token',
    client: 1,
    run: 'run',
    name: `lease ${index}`,
    since: 0,
  }));

  const { message } = exhausted(10, 27, { now: 1_500, holds });

  expect(message).toContain('\n  - database 20: lease 19, for 1.5 s (session test)\n  - and 5 more\n');
});
