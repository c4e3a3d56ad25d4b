import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { identify, isRunning } from './process-identity.ts';

describe('this process', () => {
  test('is known by its number and the time of its start', () => {
    expect(identify(process.pid)).toEqual({ pid: process.pid, startTime: expect.stringMatching(/\S/) });
  });

  test('is the same whenever it is asked, and runs', () => {
    const identity = identify(process.pid)!;

    expect(identify(process.pid)).toEqual(identity);
    expect(isRunning(identity)).toBe(true);
  });

  test('is not the one that had its number before', () => {
    expect(isRunning({ pid: process.pid, startTime: '1' })).toBe(false);
  });

  test('is taken for another of its number where the time was not recorded', () => {
    expect(isRunning({ pid: process.pid })).toBe(true);
  });
});

test('a process runs until it has ended', async () => {
  const child = spawn('cat');
  const ended = once(child, 'exit');
  const identity = identify(child.pid!)!;
  expect(isRunning(identity)).toBe(true);

  child.kill('SIGKILL');
  await ended;

  expect(isRunning(identity)).toBe(false);
  expect(identify(identity.pid)).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a name with spaces and parentheses is no part of the time', async () => {
  const child = spawn('sh', ['-c', 'printf "%s" ") R 1 (x" > /proc/$$/comm; echo; cat']);
  await once(child.stdout, 'data');

  const { startTime } = identify(child.pid!)!;
  child.kill('SIGKILL');
  await once(child, 'exit');

  expect(Number(startTime)).toBeGreaterThanOrEqual(Number(identify(process.pid)!.startTime));
});

test.runIf(process.platform === 'linux')(
  'a process that has ended and that nobody has asked after runs no more',
  async () => {
    // The shell becomes a program that never asks after the child that the shell had, and has once it answers.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec cat']);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    parent.stdin.write('ready');
    await once(parent.stdout, 'data');
    const identity = identify(Number(line))!;
    expect(isRunning(identity)).toBe(true);

    process.kill(identity.pid, 'SIGKILL');
    await expect.poll(() => isRunning(identity)).toBe(false);
    expect(isRunning({ pid: identity.pid })).toBe(false);
    // It has its number until then, and must not be mistaken for the next one.
    expect(identify(identity.pid)).toEqual(identity);

    parent.kill('SIGKILL');
    await once(parent, 'exit');
  },
);
