import { beforeEach, describe, expect, test as base } from 'vitest';
import { onlyRedis, withService, type Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

const signals = [
  { signal: 'SIGINT', name: 'INT', exitCode: 130 },
  { signal: 'SIGTERM', name: 'TERM', exitCode: 143 },
  { signal: 'SIGHUP', name: 'HUP', exitCode: 129 },
] as const;

beforeEach<{ project: Project }>(({ project }) => project.write('mayfly.config.js', onlyRedis));

describe.each(signals)('$signal', ({ signal, name, exitCode }) => {
  test('ends the command, and then the servers', async ({ project }) => {
    const running = project.start(['run', '--', 'sh', '-c', 'echo started; exec sleep 60']);
    await running.printed(/started/);

    running.kill(signal);

    const ended = await running.end;
    expect(ended).toMatchObject({ exitCode, signal: null });
    expect(ended.stderr).toMatch(/removed redis in \d+ ms\n$/);
  });

  test('reaches a command that ends in its own time, while its servers still answer', async ({ project }) => {
    const lastWords = `echo caught; read line; echo "$line"; kill $!; exit 7`;
    const command = `trap '${lastWords}' ${name}; sleep 60 & echo started; wait`;
    const running = project.start(['run', '--', 'sh', '-c', command]);
    await running.printed(/started/);

    running.kill(signal);
    await running.printed(/caught/);
    const servers = project.redisServers();
    running.type('last line\n');

    expect(await running.end).toMatchObject({ exitCode: 7, stdout: 'started\ncaught\nlast line\n' });
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
  const command = `trap '' INT HUP; trap 'echo caught; read line; kill $!; exit 0' TERM; sleep 60 & echo started; wait`;
  const running = project.start(['run', '--', 'sh', '-c', command]);
  await running.printed(/started/);

  running.kill('SIGTERM');
  await running.printed(/caught/);
  running.kill('SIGINT');
  running.kill('SIGHUP');
  running.type('\n');

  expect((await running.end).stderr).toContain('removed redis');
});

test('signals leave the standard input of the command as it was', async ({ project }) => {
  // cat would fail at once if its input had been made non-blocking meanwhile.
  const command = `trap 'kill $!; echo caught; exec cat' INT; sleep 60 & echo started; wait`;
  const running = project.start(['run', '--', 'sh', '-c', command]);
  await running.printed(/started/);

  running.kill('SIGINT');
  await running.printed(/caught/);
  running.child.stdin.end('text');

  expect(await running.end).toMatchObject({ exitCode: 0, stdout: 'started\ncaught\ntext' });
});
