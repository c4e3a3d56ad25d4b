import { describe, expect, test as base } from 'vitest';
import { inEachFile } from './in-each-file.ts';

const added: unknown[] = [];
const test = inEachFile<object>(
  () => base as never,
  (own) => added.push(own),
);
const extended = test.extend('answer', 42);

// Nothing of `test` is used outside of suites, where its hooks would be those of the file.
describe('hooks', () => {
  test('are added in a suite', () => expectHooks());

  describe('that of another one', () => {
    extended('has them already', () => expectHooks());
  });
});

describe('in another suite', () => {
  extended('they are added, though only what is built on it is used', () => expectHooks());
  test('and once', () => expectHooks());
});

function expectHooks(): void {
  expect(added).toHaveLength(2);
}
