import { expect, test } from 'vitest';
import { resolveOptions } from './options.ts';
import { MockRegistry } from './registry.ts';

test('a test that it does not run has no mocks', ({ task }) => {
  const registry = new MockRegistry(resolveOptions({}));
  expect(() => registry.namespaceOf(task)).toThrow(
    expect.objectContaining({
      code: 'MAYFLY_MOCK_OUTSIDE_TEST',
      message: expect.stringContaining(`"${task.fullTestName}"`) as string,
    }),
  );
});
