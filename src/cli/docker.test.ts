import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('docker'));
const queryServers = join(import.meta.dirname, '../../fixtures/cli/query-servers.mjs');

test('on docker the command finds its own Postgres and Redis', async ({ project }) => {
  const { exitCode, stdout, stderr } = await project.start(['run', '--runtime', 'docker', '--', 'node', queryServers], {
    env: { MAYFLY_RUNTIME: 'embedded' },
  }).end;

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ answers: { DATABASE_URL: expect.anything(), REDIS_URL: 'PONG' } });
  expect(stderr).toMatch(/^mayfly +docker, named by --runtime$/m);
  expect(stderr).toMatch(/^postgres .* container [0-9a-f]{12}$/m);
  expect(stderr).toMatch(/^mayfly +removed (postgres, redis|redis, postgres) in \d+ ms$/m);
});

test('on docker a signal ends the command, and then the containers', async ({ project }) => {
  await project.write('mayfly.config.ts', onlyRedis);
  const running = project.start(['run', '--', 'sh', '-c', 'echo started; exec sleep 60']);
  await running.printed(/started/);
  running.kill('SIGTERM');

  const { exitCode, stderr } = await running.end;
  expect(exitCode).toBe(143);
  expect(stderr).toContain('removed redis');
});

test('on docker a signal during the start leaves no container', async ({ project }) => {
  await project.write('mayfly.config.ts', withService('never-starts'));
  const running = project.start(['run', 'true']);
  await running.printed(/starting/, 'stderr');
  running.kill('SIGINT');

  expect(await running.end).toMatchObject({ exitCode: 130 });
});

test('on docker up, status and down are about the same containers', async ({ project }) => {
  await project.write('mayfly.config.ts', onlyRedis);

  const up = await project.run('up');
  const status = await project.run('status', '--show-secrets');
  const down = await project.run('down');

  expect([up, status, down]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }, { exitCode: 0 }]);
  expect(status.stdout).toContain(up.stdout.replace(/^REDIS_URL=/, '').trim());
});
