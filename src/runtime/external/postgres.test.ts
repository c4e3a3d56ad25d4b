import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askPostgres } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Environment } from '../../environment/environment.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

const oddPassword = `p@ss/w:rd?#%& é'"\\ `;

describe.skipIf(await isMissing('embedded'))('a Postgres that runs already', () => {
  let host: Environment<{ redis: false }>;
  let server: string;

  beforeAll(async () => {
    host = await startEnvironment({ redis: false }, { runtime: 'embedded' });
    server = host.details.postgres.url;
    const quoted = oddPassword.replaceAll("'", "''");
    await askPostgres(server, `CREATE ROLE builder LOGIN CREATEDB PASSWORD '${quoted}'`);
    await askPostgres(server, `CREATE ROLE guest LOGIN PASSWORD 'welcome'`);
  });

  afterAll(async () => {
    await host.stop();
    await expectNothingLeft(state);
  });

  test('gives each run a database of its own', async () => {
    await using first = await use(server);
    await using second = await use(server);
    await askPostgres(first.details.postgres.url, 'CREATE TABLE mine ()');

    expect(first.details.postgres).toMatchObject({
      database: `mayfly_${first.session}`,
      place: `database mayfly_${first.session}`,
      runtime: 'external',
    });
    expect(await askPostgres(second.details.postgres.url, `SELECT to_regclass('mine')`)).toBeNull();
    expect(await databases()).toEqual([`mayfly_${first.session}`, `mayfly_${second.session}`].sort());
  });

  test('loses that database when the run ends, whoever is still connected', async () => {
    const run = await use(server);
    const client = new pg.Client(run.details.postgres.url);
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    await client.connect();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    client.on('end', end);

    await run.stop();

    expect(await databases()).toEqual([]);
    await ended;
    expect(errors[0]?.message).toContain('terminating connection');
    expect(await askPostgres(server, 'SELECT 1')).toBe(1);
  });

  test('is reached with any password, in the URL and in the separate fields', async () => {
    await using run = await use(urlWith({ username: 'builder', password: encodeURIComponent(oddPassword) }));
    const { url, host: name, port, user, password, database } = run.details.postgres;

    expect(password).toBe(oddPassword);
    expect(await askPostgres(url, 'SELECT current_user')).toBe('builder');
    expect(await askPostgres({ host: name, port, user, password, database }, 'SELECT current_user')).toBe('builder');
    expect(await askPostgres(run.variables['DATABASE_URL']!, 'SELECT current_database()')).toBe(database);
  });

  test('keeps what its URL says of the connection', async () => {
    await using run = await use(`${server}?application_name=shop`);

    expect(await askPostgres(run.details.postgres.url, 'SHOW application_name')).toBe('shop');
  });

  test.for([
    ['a wrong password', { password: 'secret-guess' }, 'refused user "postgres": password authentication failed'],
    [
      'a user that may not create databases',
      { username: 'guest', password: 'welcome' },
      'refused user "guest": permission',
    ],
    ['a database that does not exist', { pathname: '/nowhere' }, 'refused user "postgres": database "nowhere"'],
  ] as const)('refuses %s, which is said without the password', async ([, change, reason]) => {
    await expect(use(urlWith(change))).rejects.toMatchObject({
      code: 'MAYFLY_EXTERNAL_REFUSED',
      service: 'postgres',
      message: expect.stringMatching(new RegExp(`${reason}.*on Postgres the user needs CREATEDB\\.$`)),
    });
    await expect(use(urlWith(change))).rejects.not.toThrow(/secret-guess|welcome/);
    expect(await databases()).toEqual([]);
  });

  test('that cannot be reached is named by its place', async () => {
    await expect(use('postgres://someone:secret@127.0.0.1:1/')).rejects.toMatchObject({
      code: 'MAYFLY_EXTERNAL_UNREACHABLE',
      message:
        'The external postgres at 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1. ' +
        'Start it, or correct its URL.',
    });
  });

  function urlWith(change: Partial<Record<'username' | 'password' | 'pathname', string>>): string {
    return Object.assign(new URL(server), change).href;
  }

  /** The databases that runs have on the server. */
  async function databases(): Promise<unknown> {
    const names = `SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_database WHERE datname ~ '^mayfly_'`;
    return askPostgres(server, names);
  }
});

function use(url: string): Promise<Environment<{ redis: false }>> {
  return startEnvironment({ postgres: { url }, redis: false }, { runtime: 'external' });
}
