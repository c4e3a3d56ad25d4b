import { expect, test as base } from 'vitest';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { allPassed, runVitest } from '../../fixtures/harness/vitest-run.ts';

const test = base.extend(await withProjectOn('embedded'));

test('files and tests have leases as they say with more workers than processors, and a context each', async ({
  project,
}) => {
  await project.copy('vitest/leases');

  const run = await runVitest(project, ['--maxWorkers=8', '--pool=vmThreads', '--exclude=uses.test.ts']);

  expect(run).toEqual(allPassed(20));
});

test('shards at the same time are runs of their own', async ({ project }) => {
  await project.copy('vitest/leases');

  const shards = await Promise.all(
    ['1/2', '2/2'].map((shard) => runVitest(project, [`--shard=${shard}`, '--maxWorkers=1'])),
  );

  expect(shards.map(({ exitCode, failed }) => ({ exitCode, failed }))).toEqual(
    shards.map(() => ({ exitCode: 0, failed: {} })),
  );
  expect(new Set(shards.flatMap(({ passed }) => passed)).size).toBe(27);
});

test('services of leases start on what they prepared, for a file or a test', async ({ project }) => {
  await project.copy('vitest/lease-services');

  expect(await runVitest(project)).toEqual(allPassed(3));
});

test('in watch mode a further run begins with fresh leases', async ({ project }) => {
  await project.copy('vitest/leases');
  const running = project.vitestOnTerminal('--watch', '--no-isolate', 'whole-file');
  await running.printed(/Tests .*5 passed[^]*Waiting for file changes/);

  // The file no longer says what it said before: it must not be remembered.
  const text = await project.read('whole-file.test.ts');
  await project.write('whole-file.test.ts', `${text}\ntest.override('leaseScope', 'file');\n`);
  await running.printed(/Waiting for file changes[^]*Tests .*5 passed[^]*Waiting for file changes/);
  running.type('q');

  expect(await running.end).toMatchObject({ exitCode: 0 });
});
