import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Where the counts go, for those who must read them: CI.
const report = process.env.MAYFLY_TEST_REPORT;

/** What takes longest, in the order in which it is begun, so that no worker is left with it when the others are done. */
const longest = ['chaos/chaos.test.ts', 'src/vitest/failures.test.ts', 'examples/examples.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longest.indexOf(relative(import.meta.dirname, moduleId));
  return rank === -1 ? longest.length : rank;
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'chaos/*.test.ts', 'examples/*.test.ts'],
    // One more than where nothing is said: most of a test's time is spent waiting for servers.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Real servers are started and stopped; a slow machine is no reason to fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
