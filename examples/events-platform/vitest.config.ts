/// <reference types="mayfly/vitest/setup" />
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['mayfly/vitest/setup'],
    // Each test has its own database, Redis space and server.
    provide: { leaseScope: 'test' },
    // A lease is waited for, and one of its connections, for 80 % of this: a slow machine is no reason to fail.
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    coverage: {
      provider: 'v8',
      reporter: ['text', 'html', 'lcov'],
      include: ['*.ts'],
      exclude: ['*.config.ts', '*.test.ts', 'test-context.ts', 'measure.ts'],
    },
  },
});
