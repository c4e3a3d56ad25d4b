import { defineConfig } from 'vitest/config';

// Where the counts go, for those who must read them: CI.
const report = process.env.MAYFLY_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'chaos/*.test.ts', 'examples/*.test.ts'],
    // One more than where nothing is said: most of a test's time is spent waiting for servers.
    maxWorkers: '100%',
    // Real servers are started and stopped; a slow machine is no reason to fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
