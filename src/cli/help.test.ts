import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

const commands = ['run', 'lease', 'up', 'down', 'status', 'wait', 'doctor', 'sweep'];

test('--help lists every command', async ({ project }) => {
  const { exitCode, stdout, stderr } = await project.run('--help');

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const listed = [...stdout.split('Commands:')[1]!.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  expect(listed).toEqual([...commands, 'help']);
});

test.for(commands)('%s --help explains its options and ends with examples', async (command, { project }) => {
  const { exitCode, stdout, stderr } = await project.run(command, '--help');

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain(`Usage: mayfly ${command}`);
  expect(stdout).toMatch(new RegExp(`\nExamples:\n( {2}\\$ .*\\bmayfly ${command}\\b.*\n)+$`));
});

test('--version prints the version of the package', async ({ project }) => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };

  expect(await project.run('--version')).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});
