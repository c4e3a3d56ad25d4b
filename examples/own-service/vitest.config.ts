import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { globalSetup: ['mayfly/vitest/setup'] },
});
