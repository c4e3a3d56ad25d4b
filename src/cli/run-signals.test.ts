import { join } from 'node:path';
import { beforeEach, describe, expect, test as base } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));
const endsInItsOwnTime = join(import.meta.dirname, '../../fixtures/cli/ends-in-its-own-time.mjs');

const signals = [
  { signal: 'SIGINT', exitCode: 130 },
  { signal: 'SIGTERM', exitCode: 143 },
  { signal: 'SIGHUP', exitCode: 129 },
] as const;

beforeEach<{ project: Project }>(({ project }) => project.write('mayfly.config.js', onlyRedis));

describe.each(signals)('$signal', ({ signal, exitCode }) => {
  test('ends the command, and then the servers', async ({ project }) => {
    const running = project.start(['run', '--', 'sh', '-c', 'echo started; exec sleep 60']);
    await running.printed(/started/);

    running.kill(signal);

    const ended = await running.end;
    expect(ended).toMatchObject({ exitCode, signal: null });
    expect(ended.stderr).toMatch(/removed redis in \d+ ms\n$/);
  });

  test('reaches a command that ends in its own time, while its servers still answer', async ({ project }) => {
    const running = project.start(['run', 'node', endsInItsOwnTime]);
    await running.printed(/started/);

    running.kill(signal);
    await running.printed(new RegExp(`caught ${signal}`));
    const servers = project.redisServers();
    running.type('the end\n');

    expect(await running.end).toMatchObject({ exitCode: 7, stdout: `started\ncaught ${signal}\nread the end\n` });
    expect(servers).toHaveLength(1);
  });

  test('during the start leaves nothing', async ({ project }) => {
    await project.write('mayfly.config.js', withService('never-starts'));
    const running = project.start(['run', '--', 'echo', 'never printed']);
    await running.printed(/starting/, 'stderr');

    running.kill(signal);

    expect(await running.end).toMatchObject({ exitCode, signal: null, stdout: '' });
  });
});

test('a second signal does not keep the servers from being taken away', async ({ project }) => {
  const running = project.start(['run', 'node', endsInItsOwnTime]);
  await running.printed(/started/);

  running.kill('SIGTERM');
  await running.printed(/caught/);
  running.kill('SIGINT');
  running.kill('SIGHUP');
  running.type('the end\n');

  const { signal, stderr } = await running.end;
  expect(signal).toBeNull();
  expect(stderr).toContain('removed redis');
});
