import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test as base, vi } from 'vitest';
import { main, type Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { manifestFile } from '../session/session-files.ts';

const test = base.extend(await withProjectOn('embedded'));

/** Prints who has signed, after signing; what was printed is on one line. */
const sign = `
import { Redis } from 'ioredis';
import pg from 'pg';
const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query("INSERT INTO guest (name) VALUES ('Ada')");
const { rows } = await client.query('SELECT count(*)::int AS guests, current_database() AS database FROM guest');
await client.end();
const redis = new Redis(process.env.REDIS_URL);
const { REDIS_HOST: host, REDIS_PORT: port, REDIS_USERNAME: username, REDIS_PASSWORD: password, REDIS_DB: db } = process.env;
const again = new Redis({ host, port, username, password, db });
const visits = [await redis.incr('visits'), await again.incr('visits')];
redis.disconnect();
again.disconnect();
console.log(JSON.stringify({ ...rows[0], visits }));
`;

const lease = `'${process.execPath}' '${main}' lease`;

async function withGuests(project: Project): Promise<void> {
  await project.write('mayfly.config.js', "export default { migrations: './migrations' };\n");
  await project.write('migrations/1.sql', 'CREATE TABLE guest (name text PRIMARY KEY);\n');
  await project.write('sign.mjs', sign);
}

function linesOf(stdout: string): Signed[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Signed);
}

/** What all sessions have written down. */
async function recordsOf(project: Project): Promise<string> {
  const sessions = join(project.state, 'sessions');
  const records = (await readdir(sessions)).map((session) => readFile(join(sessions, session, manifestFile), 'utf8'));
  return (await Promise.all(records)).join('');
}

interface Signed {
  readonly guests: number;
  readonly database: string;
  readonly visits: readonly number[];
}

const alone = { guests: 1, visits: [1, 2] };

describe('in a run', () => {
  test('each command has a database and a Redis of its own, one after the other or at once', async ({ project }) => {
    await withGuests(project);

    const script = [`${lease} -- node sign.mjs`, `${lease} node sign.mjs & ${lease} node sign.mjs`, 'wait'].join('\n');
    const { exitCode, stdout, stderr } = await project.run('run', '--', 'sh', '-c', script);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringMatching(/^MAYFLY_/m) });
    expect(linesOf(stdout)).toMatchObject([alone, alone, alone]);
    expect(linesOf(stdout).map(({ database }) => database)).not.toContain('postgres');
  });

  test('the exit code is that of the command, and a lease within a lease is another one', async ({ project }) => {
    await withGuests(project);

    const inner = `node sign.mjs && ${lease} node sign.mjs && exit 7`;
    const { exitCode, stdout } = await project.run('run', '--', process.execPath, main, 'lease', 'sh', '-c', inner);

    expect(exitCode).toBe(7);
    expect(linesOf(stdout)).toMatchObject([alone, alone]);
    expect(new Set(linesOf(stdout).map(({ database }) => database)).size).toBe(2);
  });

  test('a command that does not exist is exit code 127', async ({ project }) => {
    const { exitCode, stderr } = await project.run('run', '--', process.execPath, main, 'lease', 'no-such-command');

    expect(exitCode).toBe(127);
    expect(stderr).toContain('MAYFLY_COMMAND_NOT_FOUND The command "no-such-command" was not found.');
  });

  test('psql and its kin can use the URL, which has no parameters', async ({ project }) => {
    const { stdout } = await project.run('run', '--', 'sh', '-c', `${lease} -- sh -c 'echo "$DATABASE_URL"'`);

    expect(stdout).toMatch(/^postgres:\/\/[^?]+\n$/);
  });

  test('without Postgres and Redis there is nothing to have, and the command runs', async ({ project }) => {
    await project.write('mayfly.config.js', 'export default { postgres: false, redis: false };\n');

    const { exitCode, stdout } = await project.run('run', '--', process.execPath, main, 'lease', 'echo', 'so be it');

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'so be it\n' });
  });
});

describe('with an environment in the background', () => {
  test('it is used without its variables, again and again', async ({ project }) => {
    await withGuests(project);
    await project.run('up');

    const runs = [await project.run('lease', 'node', 'sign.mjs'), await project.run('lease', 'node', 'sign.mjs')];
    await project.run('down');

    expect(runs.map(({ stdout }) => linesOf(stdout))).toMatchObject([[alone], [alone]]);
  });

  test('a signal ends the command, and the lease with it', async ({ project }) => {
    await withGuests(project);
    await project.run('up');
    const running = project.start(['lease', '--', 'sh', '-c', 'echo ready; exec sleep 60']);
    await running.printed(/ready/);

    running.kill('SIGTERM');

    expect(await running.end).toMatchObject({ exitCode: 143, signal: null });
    expect(await project.run('down')).toMatchObject({ exitCode: 0 });
  });

  test('one that is killed has its command ended, and keeps nobody from taking a lease', async ({ project }) => {
    await withGuests(project);
    await project.run('up');
    const running = project.start(['lease', '--', 'sh', '-c', 'echo $$; exec sleep 60']);
    const [pid] = await running.printed(/\d+/);
    // The command begins a moment before its number can be written down.
    await vi.waitFor(async () => expect(await recordsOf(project)).toContain(`"pid":${pid}`));

    running.kill('SIGKILL');
    const next = await project.run('lease', 'node', 'sign.mjs');
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), { timeout: 10_000 });
    await project.run('down');

    expect(linesOf(next.stdout)).toMatchObject([alone]);
    // The reaper of the lease takes its time, in case something of it comes late.
    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 10_000 });
  });
});

test('where nothing runs it says what to start', async ({ project }) => {
  const { exitCode, stderr } = await project.run('lease', 'true');

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^MAYFLY_NOT_RUNNING .*`mayfly up`/);
});
