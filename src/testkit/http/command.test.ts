import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { listProcesses } from '../../../fixtures/harness/processes.ts';
import { pollUntilFound } from '../../service/poll.ts';
import type { AppCommand } from './app.ts';
import { serveApp } from './serve-app.ts';
import type { ServedApp } from './served-app.ts';

const program = join(import.meta.dirname, '../../../fixtures/programs/serve-http.mjs');

/** The program, by which its processes are found as well: nobody else has this file. */
function serving(mode: string, file = join(makeDirectory(), 'notes')): AppCommand & { readonly file: string } {
  const command = { command: process.execPath, args: [program, mode, file] };
  return Object.defineProperty(command as typeof command & { readonly file: string }, 'file', { value: file });
}

/** The processes that have this text among their parameters, those who wait for our end included. */
function processesWith(text: string): string[] {
  return listProcesses().flatMap(({ command }) => (command.includes(text) ? [command] : []));
}

/** Waits until an application has said something. */
async function hasSaid(app: ServedApp, text: string): Promise<void> {
  await pollUntilFound(async () => app.logs.find((line) => line.includes(text)), AbortSignal.timeout(10_000));
}

async function about(
  app: ServedApp,
): Promise<{ env: Record<string, string>; pid: number; cwd: string; parameters: string[] }> {
  return (await (await app.fetch('/about')).json()) as never;
}

test('a command is told its port, and is what was asked for', async () => {
  const cwd = makeDirectory();
  const { command, args } = serving("it's $HOME");
  await using app = await serveApp({ command, args, cwd: pathToFileURL(cwd), env: { LIMIT: '3' } } as AppCommand);

  const { env, parameters, cwd: workedIn } = await about(app);

  expect(env).toMatchObject({ PORT: String(app.port), HOST: '127.0.0.1', LIMIT: '3', PATH: process.env['PATH'] });
  expect(env).not.toHaveProperty('MAYFLY_SESSION');
  expect(parameters[0]).toBe("it's $HOME");
  expect(workedIn).toBe(cwd);
});

test('a command has nothing to read', async () => {
  await using app = await serveApp({ command: 'sh', args: ['-c', 'cat; echo "read all"; exec node "$0"', program] });

  expect(app.logs).toEqual(['read all']);
});

test('health is asked until it answers 2xx', async () => {
  await using app = await serveApp(serving(''), { health: '/health' });

  expect(await (await app.fetch('/asked')).text()).toBe('3');
});

describe('a start that fails', () => {
  test.each([
    {
      what: 'that ends too early shows what it printed, in plain text',
      command: serving('exits'),
      says: /^The command ".*serve-http\.mjs exits .*" ended before it was ready \(exit code 3\)\. Its last lines:\n(?=[^]*\| reading the settings\n)(?=[^]*\| no settings found\n)[^]*Mend what its output/,
    },
    {
      what: 'that is not there says so',
      command: { command: 'no-such-program' },
      says: /ended before it was ready \(exit code 127\)[^]*not found\nCorrect its name or PATH/,
    },
    {
      what: 'with its parameters in one text says where they belong',
      command: { command: 'node server.js' },
      says: /exit code 127[^]*parameters belong in `args`/,
    },
    {
      what: 'that is killed says by what',
      command: { command: 'sh', args: ['-c', 'kill -s KILL $$'] },
      says: /ended before it was ready \(signal SIGKILL\)/,
    },
  ])('a command $what', async ({ command, says }) => {
    await expect(serveApp(command)).rejects.toMatchObject({
      code: 'MAYFLY_APP_EXITED',
      message: expect.stringMatching(says),
    });
  });

  test('a command that never listens is ended with everything that it began', async () => {
    const command = serving('never-listens');

    await expect(serveApp(npm(command), { timeout: 3_000 })).rejects.toMatchObject({
      code: 'MAYFLY_APP_NOT_READY',
      message: expect.stringMatching(
        /was not ready within 3000 ms: connect ECONNREFUSED 127\.0\.0\.1:\d+\. Its last lines:[^]*PORT/,
      ),
    });
    expect(processesWith(command.file)).toEqual([]);
  });

  test('a command whose health never comes says what it answered', async () => {
    const command = serving('is-unwell');

    await expect(serveApp(command, { health: '/health', timeout: 3_000 })).rejects.toMatchObject({
      code: 'MAYFLY_APP_NOT_READY',
      message: expect.stringContaining('was not ready within 3000 ms: GET /health answered 503.'),
    });
    expect(processesWith(command.file)).toEqual([]);
  });

  test('one that is given up is ended first', async () => {
    const command = serving('never-listens');
    const controller = new AbortController();
    const reason = new Error('enough');
    const starting = serveApp(command, { signal: controller.signal }).catch((error: unknown) => error);
    await pollUntilFound(async () => processesWith(command.file)[0], AbortSignal.timeout(10_000));

    controller.abort(reason);

    expect(await starting).toBe(reason);
    expect(processesWith(command.file)).toEqual([]);
  });

  test('a port that somebody else was faster to take is given up for another', async () => {
    const command = serving('is-too-late');

    await using app = await serveApp(command);

    const tried = readFileSync(command.file, 'utf8').trim().split('\n');
    expect(tried).toEqual([expect.stringMatching(/^tried \d+$/), `tried ${app.port}`]);
  });
});

describe('the end', () => {
  test('asks the whole group of a command to end, and lets running requests finish', async () => {
    const command = serving('');
    const app = await serveApp(npm(command), { grace: 60_000 });
    const asking = app.fetch('/slow');
    await hasSaid(app, 'slow has begun');

    await app.stop();

    expect(await (await asking).text()).toBe('done');
    expect(readFileSync(command.file, 'utf8')).toBe('ended in order\n');
    expect(processesWith(command.file)).toEqual([]);
  });

  test('kills what does not end within its time', async () => {
    const command = serving('ignores-signals');
    const app = await serveApp(npm(command), { grace: 200 });

    await app.stop();

    expect(app.logs).toContain('SIGTERM is ignored');
    expect(processesWith(command.file)).toEqual([]);
  });

  test('leaves nobody who waits for ours', async () => {
    const app = await serveApp(serving(''));
    const { pid } = await about(app);
    const waiting = (): string[] => processesWith(`kill -s KILL -- "-$1" sh ${pid}`);
    expect(waiting()).toHaveLength(1);

    await Promise.all([app.stop(), app.stop()]);

    expect(waiting()).toEqual([]);
  });

  test('of a command that ends by itself is told to whoever asks, with its last lines', async () => {
    const command = serving('');
    await using app = await serveApp(npm(command));

    const crashed = {
      code: 'MAYFLY_APP_EXITED',
      message: expect.stringMatching(/by itself \(exit code 7\)[^]*out of luck/),
    };
    await expect(app.fetch('/crash')).rejects.toMatchObject(crashed);
    await expect(app.fetch('/')).rejects.toMatchObject(crashed);
    expect(processesWith(command.file)).toEqual([]);
  });

  test('of a command ends what it has left behind', async () => {
    const command = serving('');
    await using app = await serveApp({
      command: 'sh',
      args: ['-c', `"$@" & read -r forever </dev/zero`, 'sh', command.command, ...(command.args ?? [])],
    });
    const leader = listProcesses().find(({ command: text }) => text.startsWith('sh -c') && text.includes(command.file));

    process.kill(leader!.pid, 'SIGKILL');

    const gone = async (): Promise<true | undefined> => (processesWith(command.file).length === 0 ? true : undefined);
    await pollUntilFound(gone, AbortSignal.timeout(10_000));
    await expect(app.fetch('/')).rejects.toMatchObject({
      code: 'MAYFLY_APP_EXITED',
      message: expect.stringContaining('(signal SIGKILL)'),
    });
  });
});

test('what a command prints is kept within bounds, line by line', async () => {
  const script = `
    process.stdout.write('x'.repeat(1_000_000) + '\\n');
    for (let number = 0; number < 1_000; number += 1) console.log('line ' + number);
    process.stdout.write('half');
    setTimeout(() => process.stdout.write(' a line\\nno end'), 5);
    require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT);
  `;
  await using app = await serveApp({ command: process.execPath, args: ['-e', script] });
  await hasSaid(app, 'half a line');

  await app.stop();

  expect(app.logs).toHaveLength(200);
  expect(app.logs.slice(-3)).toEqual(['line 999', 'half a line', 'no end']);
});

/** The same by `npm run`, which puts a shell and itself in between. */
function npm({ command, args = [] }: AppCommand): AppCommand {
  const directory = makeDirectory();
  const script = [command, ...args].map((word) => `'${word}'`).join(' ');
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'app', scripts: { start: script } }));
  return { command: 'npm', args: ['run', 'start'], cwd: directory };
}
