import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { expectNothingLeft } from '../fixtures/harness/leftovers.ts';
import { isImageMissing, isMissing, localRuntimes, type LocalRuntime } from '../fixtures/harness/runtimes.ts';
import { useOwnState } from '../fixtures/harness/state.ts';

const run = promisify(execFile);
const state = useOwnState();
const examples = globSync('*/package.json', { cwd: import.meta.dirname })
  .map(dirname)
  .sort();

/** What an example's package.json says beside what npm reads. */
interface Needs {
  /** The images of its own containers, each with the variable that names another in its place. */
  readonly images?: Readonly<Record<string, string>>;
}

/** An example that has containers of its own needs Docker, and their images. */
async function canRun(example: string, runtime: LocalRuntime): Promise<boolean> {
  const { mayfly: { images = {} } = {} } = JSON.parse(
    readFileSync(join(import.meta.dirname, example, 'package.json'), 'utf8'),
  ) as { readonly mayfly?: Needs };
  const needed = Object.entries(images);
  if (needed.length > 0 && runtime !== 'docker') {
    return false;
  }
  const missing = await Promise.all(needed.map(([variable, image]) => isImageMissing(variable, image)));
  return !missing.includes(true);
}

for (const runtime of localRuntimes) {
  const isHere = !(await isMissing(runtime));
  describe.runIf(isHere)(`on ${runtime}`, async () => {
    const npm = async (example: string, ...parameters: readonly string[]): Promise<string> => {
      const { stdout, stderr } = await run('npm', ['--silent', ...parameters], {
        cwd: join(import.meta.dirname, example),
        env: { ...process.env, MAYFLY_RUNTIME: runtime, MAYFLY_STATE_DIR: state.directory },
      });
      // That is where Jest writes.
      return `${stdout}${stderr}`;
    };

    for (const example of examples) {
      test.runIf(isHere && (await canRun(example, runtime)))(
        `${example} passes its own tests and leaves nothing`,
        async () => {
          expect(await npm(example, 'test')).toMatch(/Tests.* passed/);
          await expectNothingLeft(state);
        },
      );
    }

    // Two runners, two shells and four commands of Mayfly's, in turn.
    test('any-runner passes on what runs in the background', async () => {
      try {
        expect(await npm('any-runner', 'run', 'test:up')).toMatch(/Tests.* passed/);
        expect(await npm('any-runner', 'exec', '--', 'mayfly', 'status')).toMatch(/postgres +healthy/);
      } finally {
        await npm('any-runner', 'exec', '--', 'mayfly', 'down');
      }
      // Of a process that has just ended a socket may be there for a moment.
      await vi.waitFor(() => expectNothingLeft(state), { timeout: 5_000 });
    }, 120_000);
  });
}
