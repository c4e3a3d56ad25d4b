import pg from 'pg';
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import { askPostgres } from '../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import type { PooledPostgres } from '../connection/pooled-postgres.ts';
import type { RedisSpace } from '../isolation/redis/redis-space.ts';
import { defineService } from '../service/define-service.ts';
import * as servers from './servers.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** Two services, one on top of the other, that write down what happens to them. */
function ledgerAndShop(life: string[]) {
  const clock = defineService({
    name: 'clock',
    scope: 'run',
    start: () => new Date(0),
    details: (value) => ({ epoch: value.getTime() }),
  });
  const ledger = defineService({
    name: 'ledger',
    dependsOn: { postgres: servers.postgres, redis: servers.redis, time: clock },
    prepare: async ({ postgres, time }) => {
      expectTypeOf(time).toEqualTypeOf<{ epoch: number }>();
      life.push('prepare ledger');
      expectTypeOf(postgres.pool).toEqualTypeOf<pg.Pool>();
      await postgres.pool.query(`CREATE TABLE entry AS SELECT ${time.epoch} AS since`);
    },
    start: ({ postgres, redis, time }) => {
      life.push('start ledger');
      expectTypeOf(redis).toEqualTypeOf<RedisSpace>();
      return { pool: new pg.Pool({ connectionString: postgres.url }), postgres, redis, time };
    },
    stop: async ({ pool }) => {
      life.push('stop ledger');
      await pool.end();
    },
  });
  const shop = defineService({
    name: 'shop',
    dependsOn: { book: ledger },
    prepare: async ({ book }) => {
      expectTypeOf(book.postgres).toEqualTypeOf<PooledPostgres>();
      life.push('prepare shop');
      await book.pool.query(`INSERT INTO entry VALUES (7)`);
    },
    start: ({ book }) => {
      life.push('start shop');
      return { sum: async () => (await book.pool.query('SELECT sum(since)::int FROM entry')).rows };
    },
    stop: () => void life.push('stop shop'),
  });
  return [clock, ledger, shop] as const;
}

describe.skipIf(await isMissing('embedded'))('the services of a lease', () => {
  test('prepare the template once, in order, and start on top of every lease', async () => {
    const life: string[] = [];
    await using environment = await startEnvironment({ services: ledgerAndShop(life) }, { runtime: 'embedded' });
    // What the shop's preparation needs is started for it, and stopped again.
    expect(life.splice(0)).toEqual(['prepare ledger', 'start ledger', 'prepare shop', 'stop ledger']);

    const first = await environment.lease();
    const second = await environment.lease();
    expect(life.splice(0).sort()).toEqual(['start ledger', 'start ledger', 'start shop', 'start shop']);
    await first.services.ledger.pool.query('DELETE FROM entry');

    expect(await first.services.shop.sum()).toEqual([{ sum: null }]);
    expect(await second.services.shop.sum()).toEqual([{ sum: 7 }]);
    expect(first.services.ledger.postgres).toEqual(first.postgres);
    expect(JSON.parse(JSON.stringify(first.services.ledger.postgres))).toEqual(first.postgres);
    expect(first.services.ledger.postgres.pool).toBe(first.pool);
    expect(second.services.ledger.postgres.pool).toBe(second.pool);
    expect(first.services.ledger.redis).toEqual(first.redis);
    expect(first.services.ledger.time).toEqual({ epoch: 0 });
    expect(Object.keys(environment.services)).not.toContain('shop');

    await first.release();
    expect(life.splice(0)).toEqual(['stop shop', 'stop ledger']);
    await second.release();
  });

  test('leave nothing of a lease when one of them does not start', async () => {
    const gate = { isOpen: false };
    const shop = defineService({
      name: 'shop',
      dependsOn: { postgres: servers.postgres },
      start: () => {
        if (!gate.isOpen) {
          throw new Error('no shelf');
        }
        return 'open';
      },
    });
    const definition = { services: [shop], leases: { connections: 80, timeout: 2_000 } } as const;
    await using environment = await startEnvironment(definition, { runtime: 'embedded' });

    await expect(environment.lease()).rejects.toMatchObject({
      code: 'MAYFLY_SERVICE_START_FAILED',
      service: 'shop',
      message: expect.stringContaining('no shelf'),
    });

    gate.isOpen = true;
    // There is room for one lease: that of before has been given back.
    await using lease = await environment.lease();
    expect(lease.services.shop).toBe('open');
  });

  test('stop before the environment does, when nobody has released their lease', async () => {
    const life: string[] = [];
    const environment = await startEnvironment({ services: ledgerAndShop(life) }, { runtime: 'embedded' });
    await environment.lease();
    life.splice(0);

    await environment.stop();

    expect(life).toEqual(['stop shop', 'stop ledger']);
  });

  test.each([
    {
      what: 'throws',
      prepare: () => {
        throw new Error('no paper');
      },
      says: /Service "ledger" could not prepare the database: no paper\./,
    },
    {
      what: 'takes too long',
      prepare: () => new Promise(() => {}),
      says: /could not prepare the database: it took longer than 50 ms\./,
    },
  ])('stop the start of the environment when a prepare $what', async ({ prepare, says }) => {
    const ledger = defineService({ name: 'ledger', timeouts: { prepare: 50 }, prepare, start: () => {} });

    await expect(startEnvironment({ services: [ledger], redis: false }, { runtime: 'embedded' })).rejects.toMatchObject(
      {
        code: 'MAYFLY_SERVICE_PREPARE_FAILED',
        service: 'ledger',
        message: expect.stringMatching(says),
      },
    );
  });

  test('leave the connections of a service of the run alone that one of them depends on', async () => {
    const site = defineService({
      name: 'site',
      scope: 'run',
      dependsOn: { postgres: servers.postgres },
      start: async ({ postgres }) => {
        const pool = new pg.Pool({ connectionString: postgres.url });
        await pool.query('CREATE TABLE visit ()');
        return { pool };
      },
      stop: ({ pool }) => pool.end(),
    });
    const ledger = defineService({
      name: 'ledger',
      dependsOn: { site },
      prepare: () => {},
      start: () => {},
    });
    await using environment = await startEnvironment(
      { services: [site, ledger], redis: false },
      { runtime: 'embedded' },
    );

    expect((await environment.services.site.pool.query(`SELECT to_regclass('visit')::text AS visit`)).rows).toEqual([
      { visit: 'visit' },
    ]);
  });

  test('may depend on a service of the run that starts after the template was made', async () => {
    const clock = defineService({ name: 'clock', scope: 'run', start: () => 0, details: () => ({ epoch: 0 }) });
    const seat = defineService({ name: 'seat', dependsOn: { clock }, start: ({ clock: { epoch } }) => epoch });
    const ledger = defineService({
      name: 'ledger',
      dependsOn: { postgres: servers.postgres },
      prepare: ({ postgres }) => askPostgres(postgres.url, 'CREATE TABLE entry ()'),
      start: () => {},
    });
    const services = [clock, seat, ledger] as const;
    await using environment = await startEnvironment({ services, redis: false }, { runtime: 'embedded' });

    await using lease = await environment.lease();

    expect(lease.services.seat).toBe(0);
    expect((await lease.pool.query('SELECT FROM entry')).rows).toEqual([]);
  });

  test('cannot be depended on by a service of the run', async () => {
    const ledger = defineService({ name: 'ledger', start: () => {} });
    const site = defineService({ name: 'site', scope: 'run', dependsOn: { ledger }, start: () => {} });

    await expect(startEnvironment({ services: [ledger, site] }, { runtime: 'embedded' })).rejects.toMatchObject({
      code: 'MAYFLY_SERVICE_SCOPE',
      service: 'site',
    });
  });

  test('find that a service of the run started on the prepared database', async () => {
    const ledger = defineService({
      name: 'ledger',
      dependsOn: { postgres: servers.postgres },
      prepare: ({ postgres }) => askPostgres(postgres.url, 'CREATE TABLE entry ()'),
      start: () => {},
    });
    const site = defineService({
      name: 'site',
      scope: 'run',
      dependsOn: { postgres: servers.postgres },
      start: async ({ postgres }) => askPostgres(postgres.url, `SELECT to_regclass('entry')::text`),
    });
    await using environment = await startEnvironment(
      { services: [site, ledger], redis: false },
      { runtime: 'embedded' },
    );

    expect(environment.services.site).toBe('entry');
  });
});
