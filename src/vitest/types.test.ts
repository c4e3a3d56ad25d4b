import { expect, test as base } from 'vitest';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));
// Mayfly is linked into the project, and its types are those for the vitest beside it.
const isOtherVitest = process.env['MAYFLY_TEST_VITEST'] !== undefined;

test.skipIf(isOtherVitest)("a user's compiler knows what inject('mayfly') gives", async ({ project }) => {
  await project.copy('vitest/types');

  const { exitCode, stdout } = await project.spawn('node', ['node_modules/typescript/bin/tsc']).end;

  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
});
