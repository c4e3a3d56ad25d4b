import { describe, expect, test as base, vi } from 'vitest';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { askPostgres } from '../../fixtures/harness/clients.ts';
import { runVitest } from '../../fixtures/harness/vitest-run.ts';

const test = base.extend(await withProjectOn('embedded'));

/** The kept databases that were printed, by the test that failed. */
function keptIn(output: string): Record<string, string> {
  const lines = output.matchAll(/^mayfly {4}the database of "(.+)" is kept: (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', url = '']) => [name, url]));
}

/** Starts the project's environment before vitest and apart from it, and gives its session. */
async function startOutside(project: Project): Promise<string> {
  const { stdout } = await project.run('up', '--json');
  return (JSON.parse(stdout) as { session: string }).session;
}

/** Writes a project of one test file. */
async function writeTest(project: Project, text: string): Promise<void> {
  await project.copy('vitest/life');
  await project.write('life.test.ts', `import { expect, test } from 'mayfly/vitest';\n${text}`);
}

describe('what a test leaves', () => {
  test('stays there where it failed, and is told where it forgot something', async ({ project }) => {
    await project.copy('vitest/kept');
    const session = await startOutside(project);

    const { failed, output } = await runVitest(project, [], { MAYFLY_SESSION: session });

    expect(Object.keys(failed)).toEqual(['fails', 'passes though it is to fail', 'fails without a database']);
    const kept = keptIn(output);
    expect(Object.keys(kept)).toEqual(['fails', 'passes though it is to fail']);
    for (const [name, url] of Object.entries(kept)) {
      expect(await askPostgres(url, 'SELECT test FROM mark')).toBe(name);
    }
    const { stdout } = await project.run('status', '--json', '--show-secrets');
    const { details } = JSON.parse(stdout) as { details: { postgres: { url: string } } };
    const registry = Object.assign(new URL(details.postgres.url), { pathname: '/mayfly' }).href;
    const states = `SELECT string_agg(state, ',') FROM mayfly_1.database WHERE state IN ('taken', 'kept')`;
    expect(await askPostgres(registry, states)).toBe('kept,kept');
    expect(output).toContain(
      'leaves a connection open: connections to the database were left open, and ended: forgotten',
    );
    expect(output).toMatch(
      /leaves a client checked out: connections to the database were left open, and ended: \d: leaves/,
    );
    expect(output).toContain('leaves a connection to Redis open: connections to Redis were left open, and ended:');
    expect(output).not.toContain('Unhandled');

    await project.run('down');
  });

  test('of a pool that it forgot is said as well, though its error ends the run', async ({ project }) => {
    await writeTest(
      project,
      `import pg from 'pg';
       test.override('leaseScope', 'test');
       test('forgets a pool', async ({ lease }) => {
         await new pg.Pool({ ...lease.postgres.poolOptions, application_name: 'a pool' }).query('SELECT 1');
       });
       test('goes on', async ({ pg }) => { await pg.query('SELECT 1'); });`,
    );

    const { exitCode, passed, output } = await runVitest(project);

    expect({ exitCode, passed }).toEqual({ exitCode: 1, passed: ['forgets a pool', 'goes on'] });
    expect(output).toContain('forgets a pool: connections to the database were left open, and ended: a pool');
    expect(output).toContain('The last test to run before this error was "forgets a pool"');
  });
});

test('a test that waits for a lease hears in its own time who holds it', async ({ project }) => {
  await project.copy('vitest/waiting');
  // An environment that was not started for vitest knows nothing of how long tests may take.
  const session = await startOutside(project);

  const { passed, failed } = await runVitest(project, [], { MAYFLY_SESSION: session });

  await project.run('down');
  expect(passed).toEqual(['begins', 'holds the only database', 'the next finds it free again']);
  expect(failed['waits']).toMatch(
    /MayflyError: No database was free within 2400 ms\. They are held by:\n +mayfly_\w+: holds the only database, worker 1/,
  );
});

describe('a run that cannot be', () => {
  test('without the global setup, or with a scope that does not exist, says what to do', async ({ project }) => {
    await project.copy('vitest/wrong');

    const { failed, output } = await runVitest(project);

    expect(Object.keys(failed).sort()).toEqual(['has no such scope', 'has no servers'].sort());
    expect(failed['has no servers']).toContain("Put 'mayfly/vitest/setup' into `globalSetup`");
    expect(output).toContain('MAYFLY_NOT_RUNNING');
    expect(failed['has no such scope']).toContain(`leaseScope is "tests". Say 'file' or 'test'.`);
  });

  test('because a migration fails names its file and line', async ({ project }) => {
    await project.copy('vitest/leases');
    await project.write(
      'migrations/002-wrong.sql',
      'CREATE TABLE other (id int);\n\nINSERT INTO nowhere VALUES (1);\n',
    );

    const { exitCode, passed, output } = await runVitest(project);

    expect({ exitCode, passed }).toEqual({ exitCode: 1, passed: [] });
    expect(output).toMatch(/002-wrong\.sql:3.*relation "nowhere" does not exist/);
  });

  test('because there are more workers than connections says so before the first test', async ({ project }) => {
    await project.copy('vitest/leases');
    await project.write(
      'mayfly.config.ts',
      `export default { migrations: './migrations', postgres: { maxConnections: 20 } };`,
    );

    const { exitCode, passed, output } = await runVitest(project, ['--maxWorkers=8']);

    expect({ exitCode, passed }).toEqual({ exitCode: 1, passed: [] });
    expect(output).toContain('8 workers with 1 leases each need 8 connections or more');
  });
});

describe('a run that is broken off leaves nothing', () => {
  test('when its first failure ends it', async ({ project }) => {
    await writeTest(
      project,
      `test.override('leaseScope', 'test');
       test('fails', async ({ pg, redis }) => { await pg.query('SELECT 1'); await redis.ping(); expect.unreachable(); });
       test('is not run', async ({ pg }) => { await pg.query('SELECT 1'); });`,
    );

    const { exitCode, passed, failed } = await runVitest(project, ['--bail=1']);

    expect({ exitCode, passed }).toEqual({ exitCode: 1, passed: [] });
    expect(Object.keys(failed)).toEqual(['fails', 'is not run']);
  });

  test('when Ctrl-C ends it while a test has a lease', async ({ project }) => {
    await writeTest(
      project,
      `test('takes long', async ({ pg, redis }) => {
         await redis.ping();
         await pg.query('SELECT 1');
         console.log('under way');
         await pg.query('SELECT pg_sleep(60)');
       }, 90_000);`,
    );
    const running = project.vitestOnTerminal('run');
    await running.printed(/under way/);

    running.type('\u0003');
    await running.end;

    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 5_000, interval: 10 });
  });
});
