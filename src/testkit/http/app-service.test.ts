import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Hono } from 'hono';
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { PooledPostgres } from '../../connection/pooled-postgres.ts';
import { postgres } from '../../environment/servers.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { defineService } from '../../service/define-service.ts';
import { appService, type AppDetails } from './app-service.ts';
import type { ServedApp } from './served-app.ts';

const run = promisify(execFile);
const programs = join(import.meta.dirname, '../../../fixtures/programs');
const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** A guest book; `/slow` asks the database once more when the gate is opened. */
function guestbook(
  pool: PooledPostgres['pool'],
  gate?: { readonly begin: () => void; readonly opened: Promise<void> },
) {
  const count = async (): Promise<number> =>
    (await pool.query<{ count: number }>('SELECT count(*)::int FROM guest')).rows[0]?.count ?? 0;
  return new Hono()
    .post('/guests', async (context) => {
      await pool.query('INSERT INTO guest (name) VALUES ($1)', [await context.req.text()]);
      return context.json({ guests: await count() }, 201);
    })
    .get('/slow', async (context) => {
      gate?.begin();
      await gate?.opened;
      return context.json({ guests: await count() });
    });
}

const schema = defineService({
  name: 'schema',
  dependsOn: { postgres },
  prepare: ({ postgres: { pool } }) => pool.query('CREATE TABLE guest (name text)'),
  start: () => {},
});

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`on ${runtime}`, () => {
    test('an application is started for each lease, on its database', async () => {
      const site = appService({
        name: 'site',
        dependsOn: { postgres, schema },
        app: (dependencies) => {
          expectTypeOf(dependencies.postgres).toEqualTypeOf<PooledPostgres>();
          return guestbook(dependencies.postgres.pool);
        },
      });
      await using environment = await startEnvironment({ redis: false, services: [schema, site] }, { runtime });
      await using one = await environment.lease();
      await using other = await environment.lease();
      expectTypeOf(one.services.site).toEqualTypeOf<ServedApp>();

      const answer = await one.services.site.fetch('/guests', { method: 'POST', body: 'Ada' });

      expect([answer.status, await answer.json()]).toEqual([201, { guests: 1 }]);
      expect((await one.pool.query('SELECT name FROM guest')).rows).toEqual([{ name: 'Ada' }]);
      expect(await (await other.services.site.fetch('/slow')).json()).toEqual({ guests: 0 });
    });

    test('it is stopped before its database: what runs has that to the end', async () => {
      const begun = Promise.withResolvers<void>();
      const opened = Promise.withResolvers<void>();
      const gate = { begin: () => begun.resolve(), opened: opened.promise };
      const site = appService({
        dependsOn: { postgres, schema },
        grace: 60_000,
        app: (dependencies) => guestbook(dependencies.postgres.pool, gate),
      });
      await using environment = await startEnvironment({ redis: false, services: [schema, site] }, { runtime });
      const lease = await environment.lease();
      const { app } = lease.services;
      const asking = app.fetch('/slow');
      await begun.promise;

      const releasing = lease.release();
      await expect(fetch(app.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
      opened.resolve();

      expect(await (await asking).json()).toEqual({ guests: 0 });
      await releasing;
      await expect(app.fetch('/')).rejects.toMatchObject({ code: 'MAYFLY_APP_EXITED', service: 'app' });
    });
  });
}

describe.skipIf(await isMissing('embedded'))('an application of the run', () => {
  test('is one for all, and other processes have its details', async () => {
    const site = appService({ name: 'site', scope: 'run', app: () => () => new Response('from the run') });
    const seen: AppDetails[] = [];
    const client = defineService({
      name: 'client',
      dependsOn: { site },
      start: (dependencies) => {
        expectTypeOf(dependencies.site).toEqualTypeOf<AppDetails>();
        seen.push(dependencies.site);
      },
    });
    await using environment = await startEnvironment(
      { redis: false, services: [site, client] },
      { runtime: 'embedded' },
    );
    expectTypeOf(environment.services.site).toEqualTypeOf<ServedApp>();
    const { url, port } = environment.services.site;
    await using _ = await environment.lease();

    const { stdout } = await run(process.execPath, [join(programs, 'ask-app.ts')], {
      env: { ...process.env, ...environment.variables },
    });

    expect(stdout).toBe('from the run');
    expect(environment.details.site).toEqual({ url, port });
    expect(seen).toEqual([{ url, port }]);
  });

  test('is not healthy when it has ended, and says why', async () => {
    const command = { command: process.execPath, args: [join(programs, 'serve-http.mjs')] };
    const site = appService({ name: 'site', scope: 'run', app: () => command });
    await using environment = await startEnvironment(
      { postgres: false, redis: false, services: [site] },
      { runtime: 'embedded' },
    );
    expect(await environment.health()).toMatchObject({ healthy: true });
    const about = await environment.services.site.fetch('/about');
    expect(await about.json()).toMatchObject({ env: { MAYFLY_SESSION: environment.session } });

    await expect(environment.services.site.fetch('/crash')).rejects.toMatchObject({ service: 'site' });

    const health = await environment.health();
    expect(health.healthy).toBe(false);
    expect(JSON.stringify(health)).toMatch(/exit code 7.*out of luck/);
  });

  test('that does not start ends the start, and shows its last lines', async () => {
    const command = { command: process.execPath, args: [join(programs, 'serve-http.mjs'), 'exits'] };
    const site = appService({ name: 'site', scope: 'run', app: () => command });

    await expect(
      startEnvironment({ postgres: false, redis: false, services: [site] }, { runtime: 'embedded' }),
    ).rejects.toMatchObject({
      service: 'site',
      message: expect.stringMatching(/exit code 3[^]*no settings found/),
    });
  });
});
