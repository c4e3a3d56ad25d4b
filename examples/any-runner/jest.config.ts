import type { Config } from 'jest';

export default {
  testMatch: ['<rootDir>/jest/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/jest/strip-types.mjs' },
} satisfies Config;
