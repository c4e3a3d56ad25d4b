import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const signal = new AbortController().signal;

test('a command that does not end within its deadline is killed, also where a child of it holds its output open', async () => {
  const outcome = await runCommand('/bin/sh', ['-c', 'echo waiting >&2; sleep 1000 & wait'], { signal, deadline: 200 });

  expect(outcome).toEqual({ ending: 'late', stderr: 'waiting\n' });
});

test('a command that a signal ended by itself is not taken for a late one', async () => {
  const outcome = await runCommand('/bin/sh', ['-c', 'kill -KILL $$'], { signal, deadline: 30_000 });

  expect(outcome).toMatchObject({ ending: 'exited', exitCode: null });
});

test('of a command that prints without end only the last part is kept', async () => {
  const outcome = await runCommand('/bin/sh', ['-c', 'head -c 3000000 /dev/zero | tr "\\0" x; echo end'], {
    signal,
    deadline: 30_000,
  });

  expect(outcome).toMatchObject({ ending: 'exited', stdout: expect.stringMatching(/^x{999996}end\n$/) });
});

test('nothing is run once the signal is aborted', async () => {
  const aborted = AbortSignal.abort(new Error('enough'));

  await expect(runCommand('/no/such/program', [], { signal: aborted, deadline: 30_000 })).rejects.toThrow('enough');
});
