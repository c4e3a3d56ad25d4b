import type { TestAPI } from 'vitest';
import { inEachFile } from './in-each-file.ts';
import type { Mocks } from './mocks.ts';
import { resolveOptions, type MockOptions } from './options.ts';
import { MockRegistry } from './registry.ts';

/** What a test finds in its context. */
export interface MockFixtures {
  readonly mocks: Mocks;
}

/**
 * A `test` with mocks: each test has handlers, calls and spies of its own, also under `test.concurrent`, and none of them
 * outlives it. While its files run, no HTTP request leaves this machine unless a test lets it.
 *
 * A test fails with MAYFLY_REQUEST_UNHANDLED where it, or the application that it started, requests from the outside what
 * no mock answers, even if the application deals with the failure. A file fails with MAYFLY_MOCK_LEFT where a request
 * comes after the end of its test, and with MAYFLY_MOCK_OUTSIDE_TEST where one is made while no test runs. Fails with
 * MAYFLY_DEFINITION_INVALID on wrong options, and where a file has tests of two of these.
 *
 * @example
 * ```ts
 * export const test = withMocks(mayflyTest(definition));
 *
 * test('sends a letter', async ({ mocks }) => {
 *   mocks.use(http.post('https://mail.example/send', () => new HttpResponse(null, { status: 202 })));
 * });
 * ```
 */
export function withMocks<Context extends object>(
  test: TestAPI<Context>,
  options: MockOptions = {},
): TestAPI<Context & MockFixtures> {
  const registry = new MockRegistry(resolveOptions(options));
  // With a context that is not known yet, vitest's types cannot tell that there are no mocks in it.
  const base = test as unknown as TestAPI;
  return inEachFile(
    () =>
      base.extend('mocks', ({ task }) => registry.namespaceOf(task).mocks) as unknown as TestAPI<
        Context & MockFixtures
      >,
    (own) => {
      own.aroundAll((runSuite) => registry.aroundSuite(runSuite));
      own.aroundEach((runTest, { task }) => registry.aroundTest(task, runTest));
    },
  );
}
