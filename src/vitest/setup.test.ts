import { describe, expect, test as base, vi } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

test.for(['forks', 'threads'])('in a pool of %s tests find their servers', async (pool, { project }) => {
  await project.copy('vitest/servers');

  const { exitCode, stdout } = await project.vitest('run', '--pool', pool);

  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Tests +2 passed/) });
  expect(JSON.parse(await project.read('seen.json'))).toMatchObject({ runtime: 'embedded, named by MAYFLY_RUNTIME' });
});

test('the projects of a run share the environment of the config file above them', async ({ project }) => {
  await project.copy('vitest/projects');
  await project.write('../mayfly.config.ts', withService('writes-down-its-life'));

  const { exitCode } = await project.vitest('run');

  expect(exitCode).toBe(0);
  expect(new Set((await sessionsIn(project)).flat()).size).toBe(1);
  expect(await project.read('life.txt')).toBe('start\nstop\n');
});

test('a project with a config file of its own has an environment of its own', async ({ project }) => {
  await project.copy('vitest/projects');
  await project.write('mayfly.config.ts', onlyRedis);
  await project.write('one/mayfly.config.ts', onlyRedis);

  const { exitCode } = await project.vitest('run');

  const [one = [], two = []] = await sessionsIn(project);
  expect(exitCode).toBe(0);
  expect(one[0]).not.toBe(two[0]);
  expect([new Set(one).size, new Set(two).size]).toEqual([1, 1]);
});

test('under `mayfly run` tests use the servers that it has started', async ({ project }) => {
  await project.copy('vitest/servers');
  const script = `echo "outside: $MAYFLY_SESSION $REDIS_URL"; node node_modules/vitest/vitest.mjs run`;

  const { exitCode, stdout } = await project.run('run', '--', 'sh', '-c', script);

  const { session, redis } = JSON.parse(await project.read('seen.json')) as { session: string; redis: { url: string } };
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`outside: ${session} ${redis.url}\n`);
});

test('in watch mode servers stay, and services are reset before each further run', async ({ project }) => {
  await project.copy('vitest/life');
  await project.write('mayfly.config.ts', withService('writes-down-its-life'));
  const running = project.vitestOnTerminal('--watch');
  await running.printed(/Waiting for file changes/);

  await project.write('life.test.ts', `${await project.read('life.test.ts')}\n`);
  await running.printed(/Waiting for file changes[^]*Waiting for file changes/);
  running.type('q');

  expect(await running.end).toMatchObject({ exitCode: 0 });
  expect(await project.read('life.txt')).toBe('start\ntest\nreset\ntest\nstop\n');
});

describe('a run that fails leaves nothing', () => {
  test('when a test fails', async ({ project }) => {
    await project.copy('vitest/life');
    await project.write('mayfly.config.ts', onlyRedis);
    await project.write('fails.test.ts', `import { test } from 'vitest'; test('fails', () => { throw new Error() });`);

    const { exitCode, stdout } = await project.vitest('run');

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/Tests +1 failed \| 1 passed/);
  });

  test.for([
    { given: 'the definition is wrong', config: 'export default { redes: {} };', code: 'MAYFLY_DEFINITION_INVALID' },
    { given: 'a service fails', config: withService('throws-in-start'), code: 'MAYFLY_SERVICE_START_FAILED' },
  ])('when $given, and shows $code', async ({ config, code }, { project }) => {
    await project.copy('vitest/life');
    await project.write('mayfly.config.ts', config);

    const { exitCode, stdout, stderr } = await project.vitest('run');

    expect(exitCode).toBe(1);
    expect(`${stdout}${stderr}`).toContain(code);
    await expect(project.read('life.txt')).rejects.toThrow('ENOENT');
  });

  test.for([
    { given: 'gives details that cannot cross to the workers', details: '() => ({ greet: () => {} })' },
    { given: 'cannot give its details', details: '() => { throw new Error() }' },
  ])('when a service $given', async ({ details }, { project }) => {
    await project.copy('vitest/life');
    await project.write('mayfly.config.ts', withDetails(details));

    expect(await project.vitest('run')).toMatchObject({ exitCode: 1 });
  });

  test('when Ctrl-C ends it, though vitest itself waits for no teardown then', async ({ project }) => {
    await project.copy('vitest/life');
    await project.write('mayfly.config.ts', onlyRedis);
    await project.write('life.test.ts', endless);
    const running = project.vitestOnTerminal('run');
    await running.printed(/under way/);

    running.type('\u0003');
    await running.end;

    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 5_000, interval: 10 });
  });

  test("when a service does not stop in vitest's own time, and says so", async ({ project }) => {
    await project.copy('vitest/life');
    await project.write('mayfly.config.ts', hangsForLong);

    const { exitCode, stdout, stderr } = await project.vitest('run', '--teardownTimeout', '2000');

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/Tests +1 passed/);
    expect(stderr).toMatch(/^MAYFLY_TEARDOWN_FAILED 1 of the teardown's steps failed:\n.*"hangs" did not stop within/m);
    expect(stderr).not.toContain('close timed out');
  });
});

/** A test that is still running whenever it is interrupted. */
const endless = `
  import { test } from 'vitest';
  test('takes long', async () => {
    console.log('under way');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }, 90_000);
`;

/** What each project's test wrote down: the session it was given, and the one that its variables name. */
async function sessionsIn(project: Project): Promise<string[][]> {
  const lines = (await project.read('sessions.txt')).trim().split('\n');
  expect(lines).toHaveLength(2);
  return lines.map((line) => line.split(' '));
}

/** A service that takes longer to stop than vitest waits, and holds Redis up: it is stopped before what it needs. */
const hangsForLong = `
  import { defineService, redis } from 'mayfly';
  const hangs = defineService({
    name: 'hangs',
    scope: 'run',
    dependsOn: { redis },
    timeouts: { stop: 60_000 },
    start: () => {},
    stop: () => new Promise(() => {}),
  });
  export default { postgres: false, services: [hangs] };
`;

const withDetails = (details: string): string => `
  import { defineService } from 'mayfly';
  const greeter = defineService({ name: 'greeter', scope: 'run', start: () => {}, details: ${details} });
  export default { postgres: false, services: [greeter] };
`;
