import { TestRunner, type TestAPI } from 'vitest';

/**
 * A `test` to import that is made anew in every file, and has hooks of its own there. Without isolation a worker loads
 * the module that exports it once for all of its files; its hooks would be those of the first file alone.
 */
export function inEachFile<Context extends object>(
  make: () => TestAPI<Context>,
  addHooks: (test: TestAPI<Context>) => void,
): TestAPI<Context> {
  const tests = new WeakMap<object, TestAPI<Context>>();
  const hooked = new WeakSet<object>();
  const current = (): TestAPI<Context> => {
    const { suite, file } = TestRunner.getCurrentSuite();
    const test = tests.get(file) ?? make();
    tests.set(file, test);
    const own = suite ?? file;
    if (![file, ...ancestorsOf(own)].some((at) => hooked.has(at))) {
      hooked.add(own);
      addHooks(test);
    }
    return test;
  };
  // Whoever uses what is built on it uses it, in each suite.
  const extend = (...fixtures: Parameters<TestAPI<Context>['extend']>): TestAPI<Context> =>
    inEachFile(
      () => Reflect.apply(current().extend, current(), fixtures) as TestAPI<Context>,
      () => void current(),
    );
  return new Proxy((() => {}) as unknown as TestAPI<Context>, {
    apply: (_, self, parameters) => Reflect.apply(current(), self, parameters) as unknown,
    get: (_, name) => (name === 'extend' ? extend : (Reflect.get(current(), name) as unknown)),
    has: (_, name) => Reflect.has(current(), name),
  });
}

function ancestorsOf(own: object): object[] {
  const { suite } = own as { suite?: object };
  return suite === undefined ? [own] : [own, ...ancestorsOf(suite)];
}
