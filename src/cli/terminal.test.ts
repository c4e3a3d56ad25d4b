import { join } from 'node:path';
import { beforeEach, describe, expect, test as base, vi } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import { main, type Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/cli', name);
const countsInterrupts = fixture('counts-interrupts.mjs');
const endsInItsOwnTime = fixture('ends-in-its-own-time.mjs');
const goesOn = fixture('goes-on-after-an-interrupt.mjs');
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

  test('the command may open the terminal itself', async ({ project }) => {
    const { stdout } = await project.startOnTerminal(['run', '--', 'sh', '-c', 'echo opened > /dev/tty']).end;

    expect(stdout).toMatch(/^opened/m);
  });

  test('Ctrl-C ends the command and the servers', async ({ project }) => {
    const running = project.startOnTerminal(['run', '--', 'sh', '-c', 'echo begun; exec sleep 60']);
    await running.printed(/begun/);
    running.type(ctrlC);

    const { exitCode, stdout } = await running.end;
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/removed redis in \d+ ms/);
  });

  test('Ctrl-C reaches the command once', async ({ project }) => {
    const running = project.startOnTerminal(['run', 'node', countsInterrupts]);
    await running.printed(/begun/);
    running.type(ctrlC);
    await running.printed(/caught 1/);
    running.type('\n');

    const { exitCode, stdout } = await running.end;
    expect(stdout).toContain('counted 1');
    expect(exitCode).toBe(130);
  });

  test('Ctrl-C that npm passes on as well counts once', async ({ project }) => {
    const scripts = { counted: `"${process.execPath}" "${main}" run node "${countsInterrupts}"` };
    await project.write('package.json', JSON.stringify({ type: 'module', scripts }));
    // Unlike dash it becomes the command, as does what macOS and Fedora have for sh.
    const running = project.spawnOnTerminal('npm', ['run', '--script-shell', 'bash', 'counted']);
    await running.printed(/^begun/m);
    running.type(ctrlC);
    await running.printed(/caught 1/);
    running.type('\n');

    const { stdout } = await running.end;
    expect(stdout).toContain('counted 1');
    expect(stdout).toMatch(/removed redis in \d+ ms/);
  });

  test('a second Ctrl-C ends everything at once', async ({ project }) => {
    const running = project.startOnTerminal(['run', 'node', countsInterrupts]);
    await running.printed(/begun/);
    running.type(ctrlC);
    await running.printed(/caught 1/);
    // Again and again: two that a process has not looked at yet are one to the system (signal(7)).
    const pressing = setInterval(() => running.type(ctrlC), 100);

    const { exitCode, stdout } = await running.end.finally(() => clearInterval(pressing));
    expect(exitCode).toBe(130);
    expect(stdout).not.toContain('removed redis');
    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 30_000 });
  });

  test('Ctrl-C may mean something else to a command, which then goes on', async ({ project }) => {
    const running = project.startOnTerminal(['run', 'node', goesOn]);
    await running.printed(/begun/);
    running.type(ctrlC);
    await running.printed(/still here/);
    running.type('\n');

    expect(await running.end).toMatchObject({
      exitCode: 3,
      stdout: expect.stringMatching(/removed redis in \d+ ms/),
    });
  });

  test('SIGTERM reaches the command', async ({ project }) => {
    const running = project.startOnTerminal(['run', 'node', endsInItsOwnTime]);
    await running.printed(/started/);
    const mayfly = project
      .processes()
      .find(({ command }) => command.includes(`${main} run`) && !command.includes('.py'));
    process.kill(mayfly!.pid, 'SIGTERM');
    await running.printed(/caught SIGTERM/);
    running.type('the end\n');

    const { exitCode, stdout } = await running.end;
    expect(exitCode).toBe(143);
    expect(stdout).toContain('read the end');
  });

  test('a second Ctrl-C during the start gives the cursor back', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('never-gives-up'));
    const running = project.startOnTerminal(['run', 'echo', 'never printed']);
    await running.printed(/\[2mstarting/);
    running.type(ctrlC);
    await running.printed(/told to give up/);
    running.type(ctrlC);

    const { exitCode, stdout } = await running.end;
    expect(exitCode).toBe(130);
    expect(stdout.lastIndexOf(shownCursor)).toBeGreaterThan(stdout.lastIndexOf(hiddenCursor));
    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 30_000 });
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
