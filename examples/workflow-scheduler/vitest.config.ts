/// <reference types="mayfly/vitest/setup" />
import { defineConfig } from 'vitest/config';
import { ConnectionReport } from './connection-report.ts';

export default defineConfig({
  test: {
    globalSetup: ['mayfly/vitest/setup'],
    // A scheduler takes whatever is due: each test has a database of its own, and so only its own schedules.
    provide: { leaseScope: 'test' },
    // Every wait ends before this, and says what it waited for: a slow machine is no reason to fail.
    testTimeout: 30_000,
    reporters: ['default', new ConnectionReport()],
  },
});
