/// <reference types="mayfly/vitest/setup" />
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { globalSetup: ['mayfly/vitest/setup'] },
});
