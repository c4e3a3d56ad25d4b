import { join } from 'node:path';
import { beforeEach, describe, expect, test as base } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import { main, type Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

const countsInterrupts = join(import.meta.dirname, '../../fixtures/cli/counts-interrupts.mjs');
const escape = '\u001B[';
const hiddenCursor = `${escape}?25l`;
const shownCursor = `${escape}?25h`;
const ctrlC = '\u0003';

beforeEach<{ project: Project }>(({ project }) => project.write('mayfly.config.ts', onlyRedis));

describe('on a terminal', () => {
  test('a spinner says what is under way, and is gone when the command begins', async ({ project }) => {
    const { stdout, exitCode } = await project.startOnTerminal(['run', 'echo', 'begun']).end;

    expect(exitCode).toBe(0);
    expect(stdout).toContain('starting redis');
    const [before = '', after = ''] = stdout.split('begun');
    expect(before.lastIndexOf(shownCursor)).toBeGreaterThan(before.lastIndexOf(hiddenCursor));
    expect(before).toContain(hiddenCursor);
    expect(after).not.toContain(hiddenCursor);
  });

  test('the command has the terminal as its standard input', async ({ project }) => {
    const command = 'test -t 0 && echo typed: && read line && echo "heard $line"';
    const running = project.startOnTerminal(['run', '--', 'sh', '-c', command]);
    await running.printed(/typed:/);
    running.type('hello\n');

    expect((await running.end).stdout).toContain('heard hello');
  });

  test('Ctrl-C ends the command and the servers', async ({ project }) => {
    const running = project.startOnTerminal(['run', '--', 'sh', '-c', 'echo begun; exec sleep 60']);
    await running.printed(/begun/);
    running.type(ctrlC);

    const { exitCode, stdout } = await running.end;
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/removed redis in \d+ ms/);
  });

  test('Ctrl-C reaches the command once each time', async ({ project }) => {
    const running = project.startOnTerminal(['run', 'node', countsInterrupts]);
    await running.printed(/begun/);
    for (const count of [1, 2, 3]) {
      running.type(ctrlC);
      await running.printed(new RegExp(`caught ${count}`));
    }
    running.type('\n');

    expect((await running.end).stdout).toContain('counted 3');
  });

  test('Ctrl-C during the start leaves nothing, and gives the cursor back', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('never-starts'));
    const running = project.startOnTerminal(['run', 'echo', 'never printed']);
    await running.printed(/\[2mstarting/);
    running.type(ctrlC);

    const { exitCode, stdout } = await running.end;
    expect(exitCode).toBe(130);
    expect(stdout.lastIndexOf(shownCursor)).toBeGreaterThan(stdout.lastIndexOf(hiddenCursor));
  });

  test.for([
    { moment: 'the command runs', config: onlyRedis, printed: /begun/ },
    { moment: 'servers start', config: withService('never-starts'), printed: /\[2mstarting/ },
  ])('a window that is closed while $moment leaves nothing', async ({ config, printed }, { project }) => {
    await project.write('mayfly.config.ts', config);
    const running = project.startOnTerminal(['run', '--', 'sh', '-c', 'echo begun; exec sleep 60']);
    await running.printed(printed);
    running.kill('SIGKILL');

    await expect.poll(() => project.processes(), { timeout: 30_000 }).toEqual([]);
  });
});

test('an answer that goes into a file has no colours', async ({ project }) => {
  const script = `'${process.execPath}' '${main}' doctor > answer.txt`;
  await project.spawnOnTerminal('sh', ['-c', script]).end;

  const answer = await project.read('answer.txt');
  expect(answer).toContain('embedded');
  expect(answer).not.toContain(escape);
});

describe('in plain lines', () => {
  test('without a terminal', async ({ project }) => {
    const { stderr } = await project.run('run', 'true');

    expect(stderr).toMatch(/^mayfly +embedded.*\nredis +ready in \d+ ms .*\nmayfly +removed redis in \d+ ms\n$/);
  });

  test('without colours where NO_COLOR is set', async ({ project }) => {
    const { stdout } = await project.startOnTerminal(['run', 'true'], { env: { NO_COLOR: '1' } }).end;

    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/\u001B\[[\d;]*m/);
  });

  test.for([{ CI: 'true' }, { CI: 'false' }, { TERM: 'dumb' }])(
    'without a spinner with %o',
    async (env, { project }) => {
      const { stdout } = await project.startOnTerminal(['run', 'true'], { env }).end;

      expect(stdout).not.toContain(hiddenCursor);
      expect(stdout).not.toMatch(/starting redis|choosing/);
      expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    },
  );
});
