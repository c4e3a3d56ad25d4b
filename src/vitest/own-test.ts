import { TestRunner, type TestAPI } from 'vitest';

/**
 * A `test` to import that is another one in every file. Without isolation a worker loads this package once for all of
 * its files, and what one file overrides at its top would hold in those that follow.
 */
export function ownTest<Context extends object>(common: TestAPI<Context>): TestAPI<Context> {
  const tests = new WeakMap<object, TestAPI<Context>>();
  const current = (): TestAPI<Context> => {
    const { file } = TestRunner.getCurrentSuite();
    const own = tests.get(file) ?? (common.extend({}) as unknown as TestAPI<Context>);
    tests.set(file, own);
    return own;
  };
  return new Proxy((() => {}) as unknown as TestAPI<Context>, {
    apply: (_, self, parameters) => Reflect.apply(current(), self, parameters) as unknown,
    get: (_, name) => Reflect.get(current(), name) as unknown,
    has: (_, name) => Reflect.has(current(), name),
  });
}
