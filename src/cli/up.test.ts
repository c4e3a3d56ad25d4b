import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import { main } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));
const queryServers = join(import.meta.dirname, '../../fixtures/cli/query-servers.mjs');

test('the exported variables lead to servers that run in the background', async ({ project }) => {
  const script = `eval "$('${process.execPath}' '${main}' up --export)" && node '${queryServers}'`;
  const { exitCode, stdout } = await project.spawn('sh', ['-c', script]).end;
  const details = JSON.parse((await project.run('status', '--json', '--show-secrets')).stdout) as Status;
  await project.run('down');

  const { answers, variables } = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
  expect(exitCode).toBe(0);
  expect(answers).toMatchObject({ DATABASE_URL: { port: details.details.postgres?.port }, REDIS_URL: 'PONG' });
  expect(variables).toMatchObject({ MAYFLY_SESSION: details.session, DATABASE_URL: details.details.postgres?.url });
});

describe('up, with Redis alone,', () => {
  test('started a second time prints the same, and starts nothing', async ({ project }) => {
    await project.write('mayfly.config.ts', onlyRedis);

    const first = await project.run('up');
    const second = await project.run('up');
    const servers = project.redisServers();
    const down = await project.run('down');

    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^REDIS_URL=redis:\/\/\S+\n$/) });
    expect(second).toMatchObject({ exitCode: 0, stdout: first.stdout });
    expect(servers).toHaveLength(1);
    expect(down).toMatchObject({ exitCode: 0, stdout: '' });
    expect(project.leftovers()).toEqual([]);
  });

  test('twice at the same time starts one environment', async ({ project }) => {
    await project.write('mayfly.config.ts', onlyRedis);

    const ups = await Promise.all([project.run('up', '--json'), project.run('up', '--json')]);
    const servers = project.redisServers();
    await project.run('down');

    expect(ups.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(new Set(ups.map(({ stdout }) => stdout)).size).toBe(1);
    expect(servers).toHaveLength(1);
  });

  test('is one environment for the project, wherever in it one is', async ({ project }) => {
    await project.write('mayfly.config.ts', onlyRedis);
    await mkdir(project.path('packages/app'), { recursive: true });
    const inside = { cwd: 'packages/app' };

    const started = await project.run('up');
    const again = await project.start(['up'], inside).end;
    const status = await project.start(['status'], inside).end;
    const down = await project.start(['down'], inside).end;

    expect(again.stdout).toBe(started.stdout);
    expect([again, status, down]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }, { exitCode: 0 }]);
  });

  test('says in JSON how everything is reached', async ({ project }) => {
    await project.write('mayfly.config.ts', onlyRedis);
    const { stdout } = await project.run('up', '--json');
    await project.run('down');

    expect(JSON.parse(stdout)).toEqual({
      session: expect.stringMatching(/^[a-z0-9]+$/),
      runtime: 'embedded, named by MAYFLY_RUNTIME',
      details: { redis: expect.objectContaining({ host: '127.0.0.1', port: expect.any(Number) }) },
      variables: expect.objectContaining({ REDIS_URL: expect.stringMatching(/^redis:/) }),
    });
  });
});

describe('an up that fails', () => {
  test('reports the code of the failure itself, and leaves nothing', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('throws-in-start'));

    const { exitCode, stdout, stderr } = await project.run('up');
    const processes = project.processes();

    expect(processes).toEqual([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/MAYFLY_SERVICE_START_FAILED .*no such queue\. .* set retry\.attempts\.\n$/);
    expect(await project.run('status')).toMatchObject({ exitCode: 3, stdout: 'stopped\n' });
  });

  test('because it is interrupted leaves nothing', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('never-starts'));
    const running = project.start(['up']);
    await running.printed(/starting/, 'stderr');

    running.kill('SIGINT');

    expect(await running.end).toMatchObject({ exitCode: 130, signal: null, stdout: '' });
  });

  test('because of a down meanwhile leaves nothing', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('never-starts'));
    const running = project.start(['up']);
    await running.printed(/starting/, 'stderr');

    const status = await project.run('status', '--json');
    const down = await project.run('down');

    expect(status).toMatchObject({ exitCode: 3, stdout: '{"state":"starting"}\n' });
    expect(down).toMatchObject({ exitCode: 0 });
    expect((await running.end).stderr).toContain('MAYFLY_ABORTED');
  });
});

test('down where nothing runs is no failure', async ({ project }) => {
  expect(await project.run('down')).toMatchObject({ exitCode: 0, stderr: 'nothing was running\n' });
  expect(await project.run('down', '--json')).toMatchObject({ exitCode: 0, stdout: '{"stopped":false}\n' });
});

interface Status {
  readonly session: string;
  readonly details: Readonly<Record<string, { readonly port: number; readonly url: string }>>;
}
