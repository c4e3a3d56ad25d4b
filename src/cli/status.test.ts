import { join } from 'node:path';
import { expect, test as base, vi } from 'vitest';
import { onlyRedis } from '../../fixtures/cli/config-files.ts';
import { list } from '../../fixtures/cli/leftovers.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { readManifest } from '../session/manifest.ts';
import { manifestFile } from '../session/session-files.ts';

const test = base.extend(await withProjectOn('embedded'));

test('status where nothing runs is exit code 3', async ({ project }) => {
  expect(await project.run('status')).toMatchObject({ exitCode: 3, stdout: 'stopped\n' });
  expect(await project.run('status', '--json')).toMatchObject({ exitCode: 3, stdout: '{"state":"stopped"}\n' });
});

test('passwords are shown to those who ask for them', async ({ project }) => {
  await project.write('mayfly.config.ts', onlyRedis);
  const { stdout } = await project.run('up');
  const plain = await project.run('status');
  const json = await project.run('status', '--json');
  const all = await project.run('status', '--show-secrets');
  await project.run('down');

  const [, url = '', password = ''] = /REDIS_URL=(redis:\/\/default:(\w+)@\S+)/.exec(stdout) ?? [];
  expect(password).toMatch(/^\w{32,}$/);
  expect(plain).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(url.replace(password, '***')) });
  expect(plain.stdout).toMatch(/^redis +healthy /m);
  expect(json.stdout).not.toContain(password);
  expect(JSON.parse(json.stdout)).toEqual({
    state: 'running',
    session: expect.any(String),
    runtime: 'embedded, named by MAYFLY_RUNTIME',
    health: { healthy: true, services: { redis: { healthy: true, duration: expect.any(Number) } } },
    details: { redis: expect.objectContaining({ password: '***', url: url.replace(password, '***') }) },
  });
  expect(all.stdout).toContain(url);
});

test('a server that has died is unhealthy, exit code 1, and down still takes the rest away', async ({ project }) => {
  await project.write('mayfly.config.ts', onlyRedis);
  await project.run('up');
  process.kill(project.redisServers()[0]!.pid, 'SIGKILL');
  const plain = await project.run('status');
  const json = await project.run('status', '--json');
  const down = await project.run('down');

  expect(plain).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/^redis +unhealthy: The redis server has died \(signal SIGKILL\)/m),
  });
  expect(json).toMatchObject({ exitCode: 1 });
  expect(JSON.parse(json.stdout)).toMatchObject({
    health: { healthy: false, services: { redis: { healthy: false } } },
  });
  expect(down).toMatchObject({ exitCode: 0 });
});

test('where the process that keeps it was killed it is stopped, and can be started again', async ({ project }) => {
  await project.write('mayfly.config.ts', onlyRedis);
  await project.run('up');
  const [session = ''] = list(join(project.state, 'sessions'));
  const { head } = readManifest(join(project.state, 'sessions', session, manifestFile))!;
  process.kill(head.owner.pid, 'SIGKILL');

  const status = await project.run('status');
  const again = await project.run('up');
  const restarted = await project.run('status');
  await project.run('down');

  expect(status).toMatchObject({ exitCode: 3, stdout: 'stopped\n' });
  expect([again, restarted]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 10_000 });
});
