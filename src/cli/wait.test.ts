import { rm } from 'node:fs/promises';
import { expect, test as base } from 'vitest';
import { withService } from '../../fixtures/cli/config-files.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

/** Runs `work` while an environment with a service `file`, healthy while there is a file of that name, is up. */
async function whileUp<T>(project: Project, work: () => Promise<T>): Promise<T> {
  await project.write('mayfly.config.ts', withService('healthy-while-file-exists'));
  await project.run('up');
  try {
    return await work();
  } finally {
    await project.run('down');
  }
}

test('wait returns when the service is healthy, and names those that there are', async ({ project }) => {
  const [server, service, json, unknown] = await whileUp(project, async () =>
    Promise.all([
      project.run('wait', 'redis'),
      project.run('wait', 'file'),
      project.run('wait', 'file', '--json'),
      project.run('wait', 'rabbit'),
    ]),
  );

  expect(server).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringMatching(/^redis healthy after /) });
  expect(service).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(json.stdout)).toEqual({ service: 'file', healthy: true, duration: expect.any(Number) });
  expect(unknown.exitCode).toBe(1);
  expect(unknown.stderr).toMatch(/^MAYFLY_SERVICE_UNKNOWN There is no service "rabbit"; there are redis, file\. /);
});

test('wait waits for a service that becomes healthy', async ({ project }) => {
  const { exitCode } = await whileUp(project, async () => {
    await rm(project.path('healthy'));
    const waiting = project.start(['wait', 'file']);
    await project.run('status');
    await project.write('healthy', '');
    return waiting.end;
  });

  expect(exitCode).toBe(0);
});

test('wait gives up after its timeout, and says what the service lacks', async ({ project }) => {
  const { exitCode, stdout, stderr } = await whileUp(project, async () => {
    await rm(project.path('healthy'));
    return project.run('wait', 'file', '--timeout', '1000');
  });

  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^MAYFLY_WAIT_TIMEOUT Service "file" was not healthy within 1000 ms: ENOENT: .*'healthy'\./);
  expect(stderr).toMatch(/`mayfly status` says more; --timeout sets the limit\.\n$/);
});

test('wait where nothing runs says how to start', async ({ project }) => {
  const { exitCode, stderr } = await project.run('wait', 'redis');

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^MAYFLY_NOT_RUNNING .* Start one with `mayfly up`\.\n$/);
});
