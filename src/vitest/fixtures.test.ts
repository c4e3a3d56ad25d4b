import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { vitests } from '../../fixtures/cli/vitests.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { allPassed, runVitest } from '../../fixtures/harness/vitest-run.ts';

const test = base.extend(await withProjectOn('embedded'));

/** It counts what is out on the servers, which must be its own. */
const exceptUses = ['--exclude=uses.test.ts'];

describe.each(vitests)('on vitest $version', ({ version, install }) => {
  test('files and tests have leases as they say, in workers of their own', async ({ project }) => {
    await install(project);
    await project.copy('vitest/leases');

    const run = await runVitest(project, ['--maxWorkers=2', ...exceptUses]);

    expect(run.output).toContain(`RUN  v${version}`);
    expect(run).toEqual(allPassed(20));
  });

  test('so they have in one thread for all files, where only what a test uses is taken', async ({ project }) => {
    await install(project);
    await project.copy('vitest/leases');

    const run = await runVitest(project, ['--maxWorkers=1', '--pool=threads', '--no-isolate']);

    expect(run).toEqual(allPassed(27));
  });

  test('projects share an environment, with scopes of their own', async ({ project }) => {
    await install(project);
    await project.copy('vitest/scopes');

    expect(await runVitest(project)).toEqual(allPassed(5));

    const lines = (await project.read('seen.txt')).trim().split('\n');
    const seen = lines.map((line) => line.split(' '));
    const sessionsOf = (name: string) => new Set(seen.filter(([of]) => of === name).map(([, session]) => session));
    expect(seen.map(([name, , count]) => `${name} ${count}`).sort()).toEqual([
      'apart 0',
      'file 0',
      'file 1',
      'test 0',
      'test 0',
    ]);
    expect(sessionsOf('file')).toEqual(sessionsOf('test'));
    expect(sessionsOf('file')).not.toEqual(sessionsOf('apart'));
  });

  test("a user's compiler knows what there is", async ({ project }) => {
    await install(project);
    await project.copy('vitest/types');
    // What is promised of our own sources is so of what is published.
    const promises = await readFile(join(import.meta.dirname, 'fixtures.test-d.ts'), 'utf8');
    const published = promises
      .replaceAll("'./fixtures.ts'", "'mayfly/vitest'")
      .replaceAll(/'\.\.\/[^']+'/g, "'mayfly'");
    await project.write('fixtures.ts', published);

    const { exitCode, stdout } = await project.spawn('node', ['node_modules/typescript/bin/tsc']).end;

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });
});
