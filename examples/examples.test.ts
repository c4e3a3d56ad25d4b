import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../fixtures/harness/runtimes.ts';
import { useOwnState } from '../fixtures/harness/state.ts';

const run = promisify(execFile);
const state = useOwnState();
const examples = globSync('*/package.json', { cwd: import.meta.dirname })
  .map(dirname)
  .sort();

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`on ${runtime}`, () => {
    test.each(examples)('%s passes its own tests and leaves nothing', async (example) => {
      const { stdout } = await run('npm', ['test', '--silent'], {
        cwd: join(import.meta.dirname, example),
        env: { ...process.env, MAYFLY_RUNTIME: runtime, MAYFLY_STATE_DIR: state.directory },
      });
      expect(stdout).toMatch(/Tests .*passed/);
      await expectNothingLeft(state);
    });
  });
}
