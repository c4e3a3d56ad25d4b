import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test as base } from 'vitest';
import { onlyRedis } from '../../fixtures/cli/config-files.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));
const queryServers = join(import.meta.dirname, '../../fixtures/cli/query-servers.mjs');

test('the command finds its own Postgres and Redis by the usual variables', async ({ project }) => {
  const { exitCode, stdout, stderr } = await project.run('run', '--', 'node', queryServers);

  const { answers, variables } = JSON.parse(stdout) as { answers: unknown; variables: Record<string, string> };
  const port = Number(variables['PGPORT']);
  expect(answers).toEqual({
    DATABASE_URL: { database: variables['PGDATABASE'], port },
    'PG*': { database: variables['PGDATABASE'], port },
    REDIS_URL: 'PONG',
    'REDIS_*': 'PONG',
  });
  expect(variables).toMatchObject({
    MAYFLY_SESSION: expect.stringMatching(/^[a-z0-9]+$/),
    DATABASE_URL: expect.stringContaining(`${variables['PGUSER']}:${variables['PGPASSWORD']}@${variables['PGHOST']}`),
    REDIS_URL: expect.stringContaining(`${variables['REDIS_HOST']}:${variables['REDIS_PORT']}`),
  });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^mayfly +embedded, named by MAYFLY_RUNTIME$/m);
  expect(stderr).toMatch(new RegExp(`^postgres .*127\\.0\\.0\\.1:${port} `, 'm'));
  expect(stderr).not.toContain(variables['PGPASSWORD']);
});

test('where the definition leaves both out the command is run without', async ({ project }) => {
  await project.write('mayfly.config.js', 'export default { postgres: false, redis: false };');

  const { exitCode, stdout, stderr } = await project.run('run', '--', 'sh', '-c', 'echo "$MAYFLY_SESSION:$REDIS_URL"');

  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^[a-z0-9]+:\n$/) });
  expect(stderr).toMatch(/^mayfly +there was nothing to remove\n$/m);
});

describe('with Redis alone', () => {
  beforeEach<{ project: Project }>(({ project }) => project.write('mayfly.config.js', onlyRedis));

  test.for([
    { stream: 'stdout', command: 'cat' },
    { stream: 'stderr', command: 'cat >&2' },
  ] as const)('standard input passes through to $stream byte for byte', async ({ stream, command }, { project }) => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const input = Buffer.concat([everyByte, randomBytes(300_000)]);

    const running = project.start(['run', '--', 'sh', '-c', command]);
    running.child.stdin.end(input);

    // Not toContain: a failure would print it all.
    expect((await running.end).bytes[stream].includes(input)).toBe(true);
  });

  test('what the command writes to standard error comes between the words of Mayfly', async ({ project }) => {
    const { stdout, stderr } = await project.run('run', '--', 'sh', '-c', 'echo heard; echo seen >&2');

    expect(stdout).toBe('heard\n');
    expect(stderr).toMatch(/^mayfly .*\nredis .*\nseen\nmayfly +removed redis in \d+ ms\n$/);
  });

  test.for([
    { command: ['true'], exitCode: 0 },
    { command: ['--', 'sh', '-c', 'exit 3'], exitCode: 3 },
    { command: ['sh', '-c', 'exit 4'], exitCode: 4 },
    { command: ['--', 'sh', '-c', 'exit 255'], exitCode: 255 },
    { command: ['--', 'sh', '-c', 'kill -KILL $$'], exitCode: 137 },
    { command: ['--', 'sh', '-c', 'kill -USR1 $$'], exitCode: 138 },
  ])('after $command the exit code is $exitCode', async ({ command, exitCode }, { project }) => {
    expect(await project.run('run', ...command)).toMatchObject({ exitCode, signal: null });
  });

  test("options after the command's name are the command's", async ({ project }) => {
    const { stdout } = await project.run('run', 'node', '-p', 'process.argv.slice(1)', 'x', '--runtime', '--', '-y');

    expect(stdout).toBe("[ 'x', '--runtime', '--', '-y' ]\n");
  });

  test('a command that does not exist is exit code 127, and leaves nothing', async ({ project }) => {
    const { exitCode, stderr } = await project.run('run', 'no-such-command');

    expect(exitCode).toBe(127);
    expect(stderr).toContain('MAYFLY_COMMAND_NOT_FOUND The command "no-such-command" was not found.');
  });

  test('a command that may not be executed is exit code 126, and leaves nothing', async ({ project }) => {
    await writeFile(project.path('not-a-program'), 'text', { mode: 0o644 });

    const { exitCode, stderr } = await project.run('run', './not-a-program');

    expect(exitCode).toBe(126);
    expect(stderr).toContain('MAYFLY_COMMAND_NOT_FOUND The command "./not-a-program" may not be executed.');
  });

  test('a directory may have spaces and letters of any alphabet', async ({ project }) => {
    const directory = "прое кт 'ü' $x";
    await mkdir(project.path(directory));

    const { exitCode, stdout } = await project.start(['run', 'pwd'], { cwd: directory }).end;

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${project.path(directory)}\n` });
  });

  test('two runs in one directory at the same time have servers of their own', async ({ project }) => {
    const print = ['run', '--', 'sh', '-c', 'echo "$MAYFLY_SESSION $REDIS_URL"; cat'];
    const runs = [project.start(print), project.start(print)];
    const places = await Promise.all(runs.map(async (running) => (await running.printed(/^.+\n/))[0].split(' ')));

    expect(new Set(places.flat()).size).toBe(4);
    runs.forEach((running) => running.child.stdin.end());
    expect(await Promise.all(runs.map(async (running) => (await running.end).exitCode))).toEqual([0, 0]);
  });
});
