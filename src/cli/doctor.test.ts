import { expect, test as base } from 'vitest';
import { onlyRedis } from '../../fixtures/cli/config-files.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

test('doctor says of every runtime whether it can be used, and if not, what to do', async ({ project }) => {
  const { exitCode, stdout } = await project.run('doctor');

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^node v\d+\./);
  expect(stdout).toMatch(/^docker +(not )?usable$/m);
  expect(stdout).toMatch(/^embedded +usable\n +postgres \(PostgreSQL\) \d+\.\d+\n +(redis|valkey) /m);
  expect(stdout).toMatch(/^external +not usable\n +No URL is configured\.\n +Set MAYFLY_DATABASE_URL /m);
});

test('doctor names the config file, and says the same in JSON', async ({ project }) => {
  await project.write('mayfly.config.ts', onlyRedis);
  const [text, json] = await Promise.all([project.run('doctor'), project.run('doctor', '--json')]);

  expect(text.stdout).toContain(project.path('mayfly.config.ts'));
  expect(JSON.parse(json.stdout)).toEqual({
    node: process.version,
    config: project.path('mayfly.config.ts'),
    runtimes: {
      docker: expect.objectContaining({ usable: expect.any(Boolean) }),
      embedded: { usable: true, facts: expect.arrayContaining([expect.stringContaining('PostgreSQL')]) },
      external: { usable: false, reason: expect.any(String), remedy: expect.any(String) },
    },
  });
});

test('doctor where no runtime can be used is exit code 1', async ({ project }) => {
  const env = { DOCKER_HOST: 'tcp://127.0.0.1:1', MAYFLY_REDIS_BINARY: '/no/such/redis-server' };
  const { exitCode, stdout } = await project.start(['doctor'], { env }).end;

  expect(exitCode).toBe(1);
  expect(stdout.match(/not usable/g)).toHaveLength(3);
  expect(stdout).toContain('/no/such/redis-server');
});
