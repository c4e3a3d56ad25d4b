/// <reference types="mayfly/vitest/setup" />
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['mayfly/vitest/setup'],
    // A lease is waited for, and one of its connections, for 80 % of this: a slow machine is no reason to fail.
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    // What must not compile: types.test-d.ts.
    typecheck: { enabled: true },
  },
});
