import { describe, expect, test as base } from 'vitest';
import { main } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

const commandLines = [
  { given: 'an unknown option', parameters: ['run', '--no-such-option', 'true'], says: '--no-such-option' },
  { given: 'an unknown command', parameters: ['no-such-command'], says: 'no-such-command' },
  { given: 'no command to run', parameters: ['run'], says: "missing required argument 'command'" },
  { given: 'no command after the dashes', parameters: ['run', '--'], says: "missing required argument 'command'" },
  { given: 'no service to wait for', parameters: ['wait'], says: "missing required argument 'service'" },
  { given: 'an argument too many', parameters: ['down', 'everything'], says: 'too many arguments' },
  { given: 'an option without its value', parameters: ['run', '--config'], says: '--config <file>' },
  { given: 'two ways to print', parameters: ['up', '--json', '--export'], says: "'--export' cannot be used with" },
  { given: 'a time that is none', parameters: ['wait', 'redis', '--timeout', 'soon'], says: '--timeout is "soon"' },
];

test.for(commandLines)('$given is MAYFLY_USAGE and exit code 2', async ({ parameters, says }, { project }) => {
  const { exitCode, stdout, stderr } = await project.run(...parameters);

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^MAYFLY_USAGE /);
  expect(stderr).toContain(says);
  expect(stderr).toMatch(/`mayfly [^`]*--help` .*\.\n$/);
});

test('without anything it prints what there is, and exits as for a wrong command line', async ({ project }) => {
  const { exitCode, stdout, stderr } = await project.run();

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: mayfly /);
  expect(stderr).not.toContain('MAYFLY_');
});

test('an unknown runtime is named with those that there are, and exit code 2', async ({ project }) => {
  const { exitCode, stderr } = await project.run('run', '--runtime', 'podman', 'true');

  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^MAYFLY_RUNTIME_UNKNOWN .*'podman'.* auto, docker, embedded, external\./);
});

const diamond = `
  import { defineService } from 'mayfly';
  const start = () => {};
  const one = defineService({ name: 'one', scope: 'run', start });
`;

const configFiles = [
  {
    given: 'a syntax error',
    text: 'export default {',
    code: 'MAYFLY_CONFIG_LOAD_FAILED',
    says: /mayfly\.config\.ts could not be loaded: .*Mend the file; `node FILE` shows the place\.\n$/,
  },
  {
    given: 'a failing import',
    text: "import 'no-such-package'; export default {};",
    code: 'MAYFLY_CONFIG_LOAD_FAILED',
    says: /Cannot find package 'no-such-package'/,
  },
  {
    given: 'no default export',
    text: 'export const definition = {};',
    code: 'MAYFLY_CONFIG_NO_DEFAULT_EXPORT',
    says: /Write `export default defineEnvironment\(\{ … \}\)`\.\n$/,
  },
  {
    given: 'an unknown field',
    text: 'export default { postgre: {} };',
    code: 'MAYFLY_DEFINITION_INVALID',
    says: /"postgre"[^]*Correct the fields named above\.\n$/,
  },
  {
    given: 'a runtime that there is not',
    text: "export default { runtime: 'podman' };",
    code: 'MAYFLY_RUNTIME_UNKNOWN',
    says: /Correct the fields named above\.\n$/,
  },
  {
    given: 'two services of one name',
    text: `${diamond} export default { services: [one, one] };`,
    code: 'MAYFLY_SERVICE_DUPLICATE',
    says: /Two services are named "one"\. List each service once, and give each a name of its own\.\n$/,
  },
  {
    given: 'a dependency that there is not',
    text: `${diamond} export default { services: [defineService({ name: 'two', scope: 'run', dependsOn: { one }, start })] };`,
    code: 'MAYFLY_SERVICE_UNKNOWN_DEPENDENCY',
    says: /"two" depends on "one".* Add "one" to the definition's services\.\n$/,
  },
  {
    given: 'services that depend on each other',
    text: `${diamond}
      const two = defineService({ name: 'two', scope: 'run', dependsOn: { three: { name: 'three' } }, start });
      const three = defineService({ name: 'three', scope: 'run', dependsOn: { two }, start });
      export default { services: [one, two, three] };`,
    code: 'MAYFLY_SERVICE_CYCLE',
    says: /two → three → two\. Take one of these dependencies away\.\n$/,
  },
];

describe('a config file with', () => {
  test.for(configFiles)('$given is $code', async ({ text, code, says }, { project }) => {
    await project.write('mayfly.config.ts', text);

    const { exitCode, stdout, stderr } = await project.run('run', 'echo', 'never printed');

    expect(stderr).toMatch(new RegExp(`^${code} `, 'm'));
    expect(stderr).toMatch(says);
    expect(stdout).toBe('');
    expect(exitCode).toBe(code === 'MAYFLY_RUNTIME_UNKNOWN' ? 2 : 1);
  });
});

test('a config file that is named and not there is MAYFLY_CONFIG_NOT_FOUND', async ({ project }) => {
  const { exitCode, stderr } = await project.run('run', '--config', 'elsewhere.ts', 'true');

  expect(exitCode).toBe(1);
  expect(stderr).toContain(`MAYFLY_CONFIG_NOT_FOUND The config file ${project.path('elsewhere.ts')} does not exist.`);
  expect(stderr).toMatch(/Correct the path after --config\.\n$/);
});

test('a variable that cannot be used is named with its value', async ({ project }) => {
  const { exitCode, stderr } = await project.start(['run', 'true'], { env: { MAYFLY_LOG: 'loud' } }).end;

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^MAYFLY_VARIABLE_INVALID .*MAYFLY_LOG is "loud".*Correct MAYFLY_LOG, or leave it out\.\n$/);
});

test('a Node that does not load TypeScript is named as what is wrong with a config file', async ({ project }) => {
  await project.write('mayfly.config.ts', 'export default {};');

  const { exitCode, stderr } = await project.start(['doctor'], { env: { NODE_OPTIONS: '--no-strip-types' } }).end;

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^MAYFLY_CONFIG_LOAD_FAILED .* This is Node \S+: Mayfly needs 22\.22, .*load TypeScript\.\n$/);
});

test('a directory that has been removed is no place to work in', async ({ project }) => {
  const removed = ['-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"', process.execPath, main, 'status'];

  const { exitCode, stderr } = await project.spawn('sh', removed).end;

  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: 'MAYFLY_USAGE The directory in which this was called has been removed. Change to one that exists.\n',
  });
});
