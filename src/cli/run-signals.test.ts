import { join } from 'node:path';
import { beforeEach, describe, expect, test as base, vi } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import { list } from '../../fixtures/cli/leftovers.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { readManifest } from '../session/manifest.ts';
import { manifestFile } from '../session/session-files.ts';

const test = base.extend(await withProjectOn('embedded'));
const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/cli', name);
const endsInItsOwnTime = fixture('ends-in-its-own-time.mjs');
const ignoresSignals = fixture('ignores-signals.mjs');
const startsAChild = fixture('starts-a-child.mjs');

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

    expect(await running.end).toMatchObject({ exitCode, stdout: `started\ncaught ${signal}\nread the end\n` });
    expect(servers).toHaveLength(1);
  });

  test('reaches what the command has started, each process once', async ({ project }) => {
    const running = project.start(['run', 'node', startsAChild]);
    await running.printed(/started/);

    running.kill(signal);
    await running.printed(new RegExp(`^caught ${signal}`, 'm'));
    await running.printed(new RegExp(`parent caught ${signal}`));
    running.type('the end\n');

    const { stdout, ...ended } = await running.end;
    expect(ended).toMatchObject({ exitCode, signal: null });
    expect(stdout.match(/caught/g)).toHaveLength(2);
    expect(stdout).toContain('read the end');
  });

  test('during the start leaves nothing', async ({ project }) => {
    await project.write('mayfly.config.js', withService('never-starts'));
    const running = project.start(['run', '--', 'echo', 'never printed']);
    await running.printed(/starting/, 'stderr');

    running.kill(signal);

    expect(await running.end).toMatchObject({ exitCode, signal: null, stdout: '' });
  });
});

describe('what the command has started', () => {
  test('has its time as well where the command itself ends at once', async ({ project }) => {
    const running = project.start(['run', 'node', startsAChild, 'by-signal']);
    await running.printed(/started/);

    running.kill('SIGTERM');
    await running.printed(/caught/);
    running.type('the end\n');

    expect(await running.end).toMatchObject({
      exitCode: 143,
      stdout: 'started\ncaught SIGTERM\nread the end\n',
      stderr: expect.not.stringContaining('left behind'),
    });
  });

  test.for([
    { what: 'in the background', script: 'sleep 60 & echo begun' },
    { what: 'and ignores SIGTERM', script: '(trap "" TERM; echo begun; exec sleep 60) & read -r line' },
  ])('$what is ended before the servers', async ({ script }, { project }) => {
    const running = project.start(['run', '--', 'sh', '-c', script]);
    await running.printed(/begun/);
    running.type('the end\n');

    const { exitCode, stderr } = await running.end;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/\nmayfly +ends processes that the command has left behind\nmayfly +removed redis in/);
  });

  test('and ignores SIGINT, as shells have it, is ended as well', async ({ project }) => {
    const running = project.start(['run', '--', 'sh', '-c', '(echo begun; exec sleep 60) & wait']);
    await running.printed(/begun/);

    running.kill('SIGINT');

    expect(await running.end).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('left behind') });
  });

  test('is ended where Mayfly is killed', async ({ project }) => {
    const running = project.start(['run', 'node', startsAChild]);
    await running.printed(/started/);
    const [session = ''] = list(join(project.state, 'sessions'));
    const manifest = readManifest(join(project.state, 'sessions', session, manifestFile));

    running.kill('SIGKILL');
    await running.end;

    expect([...(manifest?.resources.values() ?? [])]).toContainEqual({
      kind: 'command',
      process: expect.anything(),
      isGroup: true,
    });
    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 30_000 });
  });
});

test('a command that does not end is killed after a while, and then the servers end in order', async ({ project }) => {
  const running = project.start(['run', 'node', ignoresSignals]);
  await running.printed(/started/);

  running.kill('SIGTERM');

  expect(await running.end).toMatchObject({
    exitCode: 143,
    stdout: 'started\nignored SIGTERM\n',
    stderr: expect.stringMatching(/killed what had not ended 10 s after SIGTERM\nmayfly +removed redis in \d+ ms\n$/),
  });
});

describe('a second signal ends everything at once', () => {
  const moments = [
    {
      moment: 'in the time of the command',
      command: ['node', ignoresSignals],
      begun: ['stdout', /started/],
      told: ['stdout', /ignored SIGTERM/],
    },
    {
      moment: 'during the start',
      service: 'never-gives-up',
      command: ['true'],
      begun: ['stderr', /starting/],
      told: ['stderr', /told to give up/],
    },
    {
      moment: 'during the teardown',
      service: 'never-stops',
      command: ['sh', '-c', 'echo begun; exec sleep 60'],
      begun: ['stdout', /begun/],
      told: ['stderr', /stopping/],
    },
  ] as const;

  test.for(moments)('$moment', async ({ command, begun, told, ...rest }, { project }) => {
    await project.write('mayfly.config.js', 'service' in rest ? withService(rest.service) : onlyRedis);
    const running = project.start(['run', '--', ...command]);
    await running.printed(begun[1], begun[0]);

    running.kill('SIGTERM');
    await running.printed(told[1], told[0]);
    running.kill('SIGINT');

    expect(await running.end).toMatchObject({
      exitCode: 130,
      stderr: expect.stringMatching(/SIGINT after SIGTERM: .*\n$/),
    });
    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 30_000 });
  });
});
