/// <reference types="mayfly/vitest/setup" />
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['mayfly/vitest/setup'],
    // A media server for each test: on its own database, Redis space and directory.
    provide: { leaseScope: 'test' },
    // Files share a worker and its modules, as tests of one file do: nothing that a test could notice is kept there.
    isolate: false,
    // Passwords are hashed slowly on purpose, and some tests start servers of their own.
    testTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
